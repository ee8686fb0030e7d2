"""Talk to the chat model in the terminal, or ask it one thing through a pipe.

    python -m gptlab.chat
    python -m gptlab.chat --prompt "What is a token?"

What lab12 arrives at. From Python, each piece of the answer as soon as it is there:

    checkpoint = chat.load("small")
    for piece in chat.reply(checkpoint, [{"role": "user", "content": "Hello!"}]):
        print(piece, end="", flush=True)
"""

from __future__ import annotations

if __name__ == "__main__":  # the command line, before torch is loaded: --help is quick
    import sys

    from gptlab.chatting.command import main

    sys.exit(main())

from gptlab.chatting.answers import Answer, history, reply, room
from gptlab.chatting.errors import ChatError
from gptlab.chatting.loading import load
from gptlab.chatting.places import MODEL, find

__all__ = ["MODEL", "Answer", "ChatError", "find", "history", "load", "reply", "room"]
