"""The terms of this course: as they are asked for, what each is, said otherwise, and in few words.

Each line: the name with its article | the definition | in other words | short.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TERMS", "Term"]


class Term(NamedTuple):
    """`name`: with its article, "a token". `plain`, `other`, `short`: whole sentences."""

    name: str
    plain: str
    other: str
    short: str

    @property
    def bare(self) -> str:
        """Without its article."""
        return self.name.removeprefix("a ").removeprefix("an ").removeprefix("the ")


_LINES = """
a token | A token is a piece of text with a number: a letter, a part of a word, or a word. | Text is cut into small pieces, and each piece is a token. | A piece of text.
a bigram | A bigram is a pair of neighbors: two characters or tokens, one after the other. | Take a letter and the letter after it: that is a bigram. | Two neighbors in a text.
a language model | A language model gives each possible next token a probability. | It reads a text and says what may come next. | It guesses the next token.
a vocabulary | The vocabulary is the list of all tokens that a model knows. | It is like a dictionary: each token has a number in it. | All tokens of a model.
a tokenizer | A tokenizer turns text into token ids, and ids back into text. | It cuts a text into pieces and writes down their numbers. | It turns text into numbers.
BPE | BPE means byte-pair encoding: the most frequent pair becomes a new token, again and again. | Start with bytes, and glue together the pair that comes most often. | It merges frequent pairs.
an embedding | An embedding is a list of numbers that stands for a token. | Each token gets its own row of numbers, and training finds them. | A vector for a token.
a position embedding | A position embedding is a list of numbers that says where a token stands. | It tells the model which token is first and which is last. | A vector for a place.
a logit | A logit is the score of a token before softmax: any number, not a probability. | It says how much the model likes a token, and may be negative. | A score before softmax.
softmax | Softmax turns scores into probabilities that are positive and sum to one. | It takes powers of e, and divides each by their sum. | Scores become probabilities.
cross-entropy | Cross-entropy is minus the log of the probability that the right token got. | It is small when the model believed in the right token. | Minus log of the right one.
a loss | The loss says how wrong the model is: training makes it smaller. | It is one number, and the lower it is, the better. | How wrong a model is.
perplexity | Perplexity is e to the loss: among how many tokens the model seems to choose. | A perplexity of ten is like guessing among ten tokens. | It is e to the loss.
a gradient | The gradient says how the loss changes when each weight changes a little. | It points uphill, so training goes the other way. | The slope of the loss.
backpropagation | Backpropagation finds all gradients, from the loss back to the first layer. | It uses the chain rule, beginning at the end. | The chain rule, backwards.
the learning rate | The learning rate says how large a step of training is. | Too large, and the loss jumps; too small, and nothing happens. | The size of a step.
an optimizer | An optimizer changes the weights a little with every gradient. | It decides how to go downhill, step by step. | It changes the weights.
a batch | A batch is a set of examples that the model sees in one step. | Many pieces of text go through the model at once. | The examples of a step.
overfitting | Overfitting means that a model learns its training text by heart and fails on new text. | The training loss falls, but the validation loss rises. | Learning by heart.
validation loss | The validation loss is the loss on text that was not used in training. | It shows whether the model is good on new text. | The loss on new text.
dropout | Dropout sets some numbers to zero by chance while training. | Parts of the model are switched off, so that none is needed alone. | Zeros by chance.
the context | The context is the text that a model sees when it guesses the next token. | What stands before the next token, up to a limit, is the context. | What the model sees.
attention | Attention lets each token collect information from the tokens before it. | Each token looks back and takes what it needs. | Tokens look at tokens.
an attention head | An attention head is one attention with its own queries, keys and values. | Each head looks for something else in the text. | One way to look back.
a query | A query is the vector with which a token says what it is looking for. | It is compared with the keys of the other tokens. | What a token looks for.
a key | A key is the vector with which a token says what it has to offer. | Queries are compared with it. | What a token offers.
a value | A value is the vector that a token hands on when it is attended to. | It is what is summed up in attention. | What a token hands on.
a causal mask | A causal mask hides the later tokens, so that no token sees the future. | The scores of what comes later become minus infinity. | It hides the future.
multi-head attention | Multi-head attention runs several heads side by side and joins what they found. | Many heads look at once, and their answers are put together. | Several heads at once.
a residual connection | A residual connection adds the input of a layer to its output. | The layer only learns what has to be changed. | Input plus output.
layer norm | Layer norm gives each vector mean zero and variance one, then scales and shifts it. | It keeps the numbers in a good range. | Mean zero, variance one.
a feed-forward layer | A feed-forward layer makes each vector wider, applies GELU, and makes it narrow again. | Each token thinks for itself about what it collected. | Two linear layers with GELU.
GELU | GELU is a smooth curve that lets large numbers pass and makes negative ones nearly zero. | It is like a switch, but a soft one. | A smooth ReLU.
a transformer block | A transformer block is attention and then a feed-forward layer, each with a norm and a residual. | First the tokens talk, then each one thinks. | Attention, then feed-forward.
temperature | Temperature divides the logits before softmax: low is careful, high is bold. | With a low one the model says the likeliest, with a high one it takes risks. | How bold the sampling is.
top-k | Top-k keeps only the k likeliest tokens and draws among them. | All but the best few tokens are thrown away. | Only the k best tokens.
greedy decoding | Greedy decoding always takes the likeliest token. | There is no chance in it: the best token wins. | Always the likeliest.
a checkpoint | A checkpoint is a file with the weights of a model at some step. | It lets you stop, and go on later. | Saved weights.
fine-tuning | Fine-tuning means to train a finished model a bit more on other data. | A model that can read is taught a new task. | Training a bit more.
a loss mask | A loss mask says which tokens count: here only those of the answers. | The words of the user are read, but not learned. | Which tokens count.
GPT-2 | GPT-2 is a language model of OpenAI from 2019, with up to 1.5 billion parameters. | It is a stack of transformer blocks, trained on text of the web. | A GPT of 2019.
weight tying | Weight tying uses the table of tokens as the last layer, too. | The same matrix reads tokens and writes them. | One matrix, used twice.
"""  # noqa: E501
TERMS = tuple(Term(*(part.strip() for part in line.split("|"))) for line in _LINES.split("\n")
              if line)  # fmt: skip
