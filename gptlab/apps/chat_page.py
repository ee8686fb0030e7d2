"""The chat page, in Gradio: what it shows and which press does what. `desk` does the work."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import escape
from typing import Any

# Read while Gradio is imported: nothing is reported to anybody.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

from gptlab.apps.desk import LONGEST, Desk, Engine, Settings
from gptlab.apps.rooms import View

__all__ = ["EXAMPLES", "LOOKS", "build", "theme"]

EXAMPLES = ["Hello!", "What is 7 plus 5?", "What is a token?", "What can you do?"]
CSS = """
.gradio-container { width: 100% !important; max-width: 1080px !important; }
.gradio-container { margin: 0 auto !important; }
.gradio-container .row, .gradio-container .column { min-width: 0; }
#head h1 { font-size: 1.5rem; margin: 0; }
#head p { margin: .15rem 0 0; opacity: .75; }
#chat .message-content .md { white-space: pre-wrap; overflow-wrap: anywhere; }
#box textarea { font-size: 16px; }  /* a smaller one makes a phone zoom in */
#note p { margin: 0; min-height: 1.4em; overflow-wrap: anywhere; }
#note .wrong { color: #b91c1c; }
.dark #note .wrong { color: #fca5a5; }
@media (max-width: 640px) { .gradio-container { padding: 8px !important; } }
"""
# Of `launch`, wherever the page is started.
LOOKS = {
    "css": CSS, "footer_links": [], "run_history": False, "pwa": False, "ssr_mode": False,
    "mcp_server": False, "enable_monitoring": False, "max_file_size": "1kb",  # none is asked for
}  # fmt: skip


def theme() -> gr.themes.Base:
    """The course's colours and the browser's own letters: no font comes from elsewhere."""
    made = gr.themes.Default(
        primary_hue=gr.themes.colors.blue, font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )  # fmt: skip
    return made.set(  # its own greys are too pale to read
        block_info_text_color="*neutral_600", block_info_text_color_dark="*neutral_300",
        input_placeholder_color="*neutral_500", input_placeholder_color_dark="*neutral_400",
    )  # fmt: skip


def build(model: Engine) -> gr.Blocks:
    """The page on a model, ready to `launch(**LOOKS, theme=theme())`."""
    desk = Desk(model)
    with gr.Blocks(title=f"Chat: {model.name}", analytics_enabled=False) as page:
        about = f"<p>{escape(model.about)}</p>" if model.about else ""
        gr.HTML(f"<h1>{escape(model.name)}</h1>{about}", elem_id="head")
        with gr.Row():
            with gr.Column(scale=3, min_width=300):
                chat, box, send, stop, clear, note = _talk()
            with gr.Column(scale=1, min_width=240):
                settings = _settings(model)
        _wire(page, desk, (chat, box, send, stop, note), clear, settings)
    return page.queue(default_concurrency_limit=16, max_size=64)


def _talk() -> tuple[gr.Component, ...]:
    """The conversation, where one writes, and the buttons."""
    chat = gr.Chatbot(
        elem_id="chat", label="Conversation", show_label=False, height="min(58vh, 560px)",
        # What the two say is text and nothing else: no markup, no formulas, no tags.
        render_markdown=False, sanitize_html=True, latex_delimiters=[], allow_tags=False,
        buttons=[], feedback_options=None, allow_file_downloads=False,
        examples=[{"text": one} for one in EXAMPLES],
    )  # fmt: skip
    with gr.Row(equal_height=True):
        box = gr.Textbox(
            elem_id="box", label="Your message", show_label=False, container=False, scale=5,
            placeholder="Write a message, then press Enter", max_length=LONGEST, max_lines=6,
            autofocus=True, min_width=160,
        )  # fmt: skip
        send = gr.Button("Send", variant="primary", scale=1, min_width=80)
        stop = gr.Button("Stop", variant="stop", scale=1, min_width=80, visible=False)
    note = gr.HTML("", elem_id="note")
    clear = gr.Button("Clear the conversation", size="sm")
    return chat, box, send, stop, clear, note


def _settings(model: Engine) -> list[gr.Slider]:
    """How an answer is chosen."""
    start = Settings()
    return [
        gr.Slider(
            0, 2, start.temperature, step=0.05, label="Temperature",
            info="0: always the likeliest token. Higher: more surprises.",
        ),
        gr.Slider(
            1, model.longest, min(start.max_new_tokens, model.longest), step=1, label="Length",
            info="Tokens of an answer at most.",
        ),
        gr.Slider(
            0, 200, start.top_k, step=1, label="Top-k",
            info="Choose among so many of the likeliest tokens. 0: among all.",
        ),
    ]  # fmt: skip


def _wire(
    page: gr.Blocks, desk: Desk, shown: tuple[gr.Component, ...], clear: gr.Button,
    settings: list[gr.Slider],
) -> None:  # fmt: skip
    """Which press does what."""
    chat, box, send, stop, _ = shown

    def ask(
        text: Any, temperature: Any, length: Any, top_k: Any, request: gr.Request
    ) -> Iterator[list[Any]]:
        """Answer a message of this tab's conversation, as it is being written."""
        sent = zip((temperature, length, top_k), settings, strict=True)
        wanted = chosen(*(slider.value if value is None else value for value, slider in sent))
        said = "" if text is None else str(text)
        for number, view in enumerate(desk.ask(tab(request), said, wanted)):
            # The box is emptied once; what is typed during the answer stays.
            keep = number > 0 or (view.wrong and not view.writing)
            yield draw(view, box=gr.skip() if keep else "")

    def example(  # Gradio hands in the first and the last by their types
        picked: gr.SelectData, temperature: Any, length: Any, top_k: Any, request: gr.Request
    ) -> Iterator[list[Any]]:
        yield from ask(picked.value["text"], temperature, length, top_k, request)

    def stopped(request: gr.Request) -> None:
        desk.stop(tab(request))

    def cleared(request: gr.Request) -> list[Any]:
        return draw(desk.clear(tab(request)))

    def left(request: gr.Request) -> None:
        desk.leave(tab(request))

    # Nothing is read by Gradio, which fails at a null: the desk says what is wrong in a sentence.
    outputs, quiet = list(shown), {"show_progress": "hidden", "preprocess": False}
    gr.on(
        [box.submit, send.click], ask, [box, *settings], outputs, api_name="ask",
        concurrency_limit=16, **quiet,
    )  # fmt: skip
    hidden = {**quiet, "api_visibility": "private"}
    chat.example_select(example, settings, outputs, concurrency_limit=16, **hidden)
    stop.click(stopped, None, None, queue=False, **hidden)
    gr.on([clear.click, chat.clear], cleared, None, outputs, queue=False, **hidden)
    page.unload(left)


def chosen(temperature: Any, length: Any, top_k: Any) -> Settings:
    """What the sliders sent, or a program in their place: 100.0 for 100. The desk checks it."""

    def whole(value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    return Settings(temperature, whole(length), whole(top_k) or None)


def tab(request: gr.Request) -> str | None:
    """Whose conversation it is; None for a call without a name, as curl's, which is one question.

    To such a call Gradio gives the call's own number as its name.
    """
    name = request.session_hash
    numbered = "/call/" in str(request.url) and re.fullmatch("[0-9a-f]{32}", name or "")
    return None if numbered or not name else name


def draw(view: View, box: Any = None) -> list[Any]:
    """A view as what chat, box, send, stop and note become."""
    # Escaped, since Gradio draws even what is no markdown as HTML. As dicts, since it takes the
    # indentation out of a plain string.
    messages = []
    for one in view.messages:
        text = escape(one["content"], quote=False)
        messages.append({"role": one["role"], "content": {"type": "text", "text": text}})
    kind = ' class="wrong" role="alert"' if view.wrong else ' role="status"'
    note = f"<p{kind}>{escape(view.note)}</p>" if view.note else ""
    return [
        messages,
        gr.skip() if box is None else box,
        gr.update(visible=not view.writing),
        gr.update(visible=view.writing),
        note,
    ]
