"""From text to ids and back: characters, bytes, byte pairs, and GPT-2's own. The end of lab04.

    SimpleTokenizer      each byte of UTF-8 is an id
    CharTokenizer        each character of a text is an id, all others are one unknown
    BasicTokenizer       byte-pair encoding, trained on the bytes of a text
    RegexTokenizer       the same inside words; special tokens; save and load
    BPETokenizer         RegexTokenizer under the name that it has elsewhere
    GPT2LikeTokenizer    RegexTokenizer of 8,000 ids, which encodes at tiktoken's speed
    gpt2                 GPT-2's own vocabulary, id by id that of tiktoken

After A. Karpathy's minbpe; Sennrich, Haddow and Birch 2016; Radford et al. 2019, section 2.2.
"""

from gptlab.tokenizers.basic import BasicTokenizer, CharTokenizer, SimpleTokenizer
from gptlab.tokenizers.fast import GPT2LikeTokenizer
from gptlab.tokenizers.openai import gpt2, read_openai, write_openai
from gptlab.tokenizers.pattern import GPT2_PATTERN, GPT4_PATTERN, RegexTokenizer

BPETokenizer = RegexTokenizer

__all__ = [
    "GPT2_PATTERN",
    "GPT4_PATTERN",
    "BPETokenizer",
    "BasicTokenizer",
    "CharTokenizer",
    "GPT2LikeTokenizer",
    "RegexTokenizer",
    "SimpleTokenizer",
    "gpt2",
    "read_openai",
    "write_openai",
]
