"""Why an answer of lab09 is wrong, one sentence a cause."""

from __future__ import annotations

_KNOBS = {
    "dec_scores_changed": "The scores that were handed in have changed: make new ones, and leave "
    "the caller's as they are.",
    "dec_temperature_multiplies": "The scores were multiplied by the temperature: they are divided "
    "by it, so that a low one sharpens.",
    "dec_temperature_ignored": "The temperature changes nothing: the scores are divided by it.",
    "dec_temperature_after_softmax": "The odds were divided by the temperature, not the scores: "
    "divide first, softmax after.",
    "dec_softmax_over_batch": "The softmax runs over the texts of the batch: each row is a text, "
    "and its odds add up to 1 along the last axis.",
    "dec_no_softmax": "These are still scores: a softmax makes odds of them.",
    "dec_zero_divides": "Temperature 0 was divided by: it needs a way of its own.",
    "dec_zero_shares": "At temperature 0 equals share: only the first of the likeliest gets 1.",
    "dec_zero_gives_ids": "At temperature 0 these are ids: asked for are odds, 1 at that id and 0 "
    "elsewhere.",
    "dec_top_k_one_more": "One token too many is kept: top_k are to stay.",
    "dec_top_k_one_less": "One token too few is kept: the smallest of the top_k stays, too.",
    "dec_top_k_edge_of_another_row": "One row's edge was used for all: each row has its own.",
    "dec_top_k_smallest": "The smallest scores are kept: the largest are to stay.",
    "dec_top_k_only_values": "Only the kept scores came back: the others stay in their place, at "
    "-inf.",
    "dec_top_k_too_large": "topk was asked for more tokens than there are: a top_k of more than V "
    "keeps all.",
    "dec_edge_no_axis": "The edges have lost their axis, so they do not line up with the rows: "
    "(B, 1).",
    "dec_dropped_to_zero": "Dropped scores are 0, which is a score like any other: softmax gives "
    "it a share. -inf gets none.",
    "dec_gives_odds": "These are odds: asked for are scores, the kept ones as they were.",
    "dec_crossing_dropped": "The token that reaches top_p was dropped: it is kept, so that one "
    "always is.",
    "dec_top_p_one_more": "One token too many is kept: the one that reaches top_p is the last.",
    "dec_not_sorted_back": "What is to be dropped was found in the order of likelihood, and "
    "dropped in the order of ids.",
    "dec_left_sorted": "The scores came back in the order of likelihood: each belongs to its id.",
    "dec_lowest_first": "The tokens were counted from the least likely: the likeliest come first.",
    "dec_top_p_each_alone": "Each token was compared with top_p by itself: what counts is the sum "
    "of those that come before it.",
    "dec_top_p_inverted": "The likeliest are dropped and the others kept: it is the other way "
    "round.",
    "dec_penalty_divides_all": "A score below 0 was divided, which makes it larger: it is "
    "multiplied.",
    "dec_penalty_multiplies_all": "A score above 0 was multiplied, which makes it larger: it is "
    "divided.",
    "dec_penalty_inverted": "Above 0 is divided and below 0 is multiplied: here it is the other "
    "way round.",
    "dec_penalty_each_time": "A token that stands there twice was penalized twice: once is enough.",
    "dec_penalty_everywhere": "All tokens were penalized: only those that stand in the row.",
    "dec_penalty_of_all_rows": "The tokens of one text were penalized in another: each row has its "
    "own text.",
    "dec_penalty_subtracts": "The penalty was subtracted: it divides, or multiplies.",
    "dec_penalty_none": "Nothing was changed: the scores of the tokens that stand in idx become "
    "smaller. (scatter gives a new tensor, it changes nothing in place.)",
}

_WRITING = {
    "dec_choose_shape": "One id for each row, with an axis for the place: (B, 1).",
    "dec_choose_always_best": "It always takes the likeliest: above temperature 0 it draws.",
    "dec_choose_zero_draws": "At temperature 0 nothing is drawn: the likeliest token is taken.",
    "dec_choose_top_p_first": "top_p came before the temperature, so it saw other odds: "
    "temperature, then top_k, then top_p.",
    "dec_choose_top_k_last": "top_k came after top_p: what is left of top_k is what top_p counts.",
    "dec_choose_no_top_k": "top_k changes nothing here: tokens were drawn that it drops.",
    "dec_choose_no_top_p": "top_p changes nothing here: tokens were drawn that it drops.",
    "dec_choose_uniform": "All that is left was drawn equally often: draw by the odds.",
    "dec_choose_no_generator": "The generator was not handed on: the same seed gives other tokens.",
    "dec_choose_reseeds": "The seed of the whole notebook was changed: draw with the generator.",
    "dec_no_crop": "The model was shown all of the text: it reads the last context_size tokens.",
    "dec_crop_first": "The model was shown the first tokens: it reads the last context_size.",
    "dec_text_cropped": "The text itself was cut: only what the model reads is cut.",
    "dec_not_last_place": "The scores are of another place: the last one says what comes next.",
    "dec_only_new": "Only the new tokens came back: idx stands before them.",
    "dec_count": "The number of new tokens is not max_new_tokens.",
    "dec_idx_changed": "The idx that was handed in has changed: make a new one.",
    "dec_graph": "The model ran with a graph: nobody learns here, so torch.no_grad().",
    "dec_training_changed": "The model's mode was changed: leave it as it is.",
    "dec_eos_not_kept": "A row that has drawn eos_id went on with other tokens: it goes on with "
    "eos_id.",
    "dec_eos_any": "It ended when the first row had drawn eos_id: all rows must have.",
    "dec_eos_at_once": "The rows did not draw eos_id in the same step, so it did not end: remember "
    "which rows have.",
    "dec_eos_added": "The last row's eos_id was added, too: stop before it is.",
    "dec_eos_ignored": "eos_id changes nothing: a row that draws it has ended.",
    "dec_penalty_unused": "penalty changes nothing: the scores of what stands in the text become "
    "smaller.",
    "dec_penalty_of_the_window": "Only the tokens that the model reads were penalized: all of the "
    "text counts.",
    "dec_knobs_not_passed": "top_k or top_p was not handed on to choose, or in another's place.",
    "dec_temperature_not_passed": "The temperature was not handed on to choose: it always takes "
    "the likeliest.",
}

_MEASURES = {
    "dec_distinct_count": "This is a number of n-grams: divided by how many there are in all, it "
    "is a share.",
    "dec_distinct_by_length": "The number of different ones was divided by the length of the "
    "list: a list of T tokens has T - n + 1 n-grams.",
    "dec_distinct_by_vocabulary": "The number of different ones was divided by the number of "
    "different tokens: divide by the number of n-grams.",
    "dec_distinct_last_missing": "The last n-gram is missing: a list of T tokens has T - n + 1.",
    "dec_distinct_too_many": "Pieces shorter than n were counted: a list of T tokens has T - n + 1 "
    "n-grams.",
    "dec_distinct_side_by_side": "The n-grams stand side by side: one begins at each token.",
    "dec_distinct_tokens": "These are different tokens: n of them in a row are asked for.",
    "dec_distinct_inverted": "This is the share that repeats: 1 minus it is distinct.",
    "dec_distinct_unordered": "The order inside an n-gram was lost: (1, 2) and (2, 1) are two.",
    "dec_distinct_short": "A list shorter than n has no n-gram: there the answer is 0.0.",
    "dec_distinct_list": "A list cannot stand in a set: a tuple can.",
    "dec_log_prob_not_shifted": "A token was looked up in the scores of its own place: they say "
    "what comes after it. Those of the place before are about it.",
    "dec_log_prob_shifted_twice": "The tokens are one place too far on: place t's scores are about "
    "token t + 1.",
    "dec_log_prob_of_all": "The prompt was counted, too: only the tokens after it are the model's.",
    "dec_log_prob_one_less": "The first token after the prompt was left out.",
    "dec_log_prob_one_more": "The last token of the prompt was counted, too.",
    "dec_log_prob_sum": "This is the sum: the mean over the tokens is asked for.",
    "dec_log_prob_probs": "This is the mean of the probabilities: take their logarithms first.",
    "dec_log_prob_of_mean": "This is the logarithm of the mean: the mean of the logarithms is "
    "asked for.",
    "dec_log_prob_loss": "The sign is that of a loss: a log-probability is below 0.",
    "dec_log_prob_raw": "These are raw scores: log_softmax makes log-probabilities of them.",
    "dec_log_prob_over_batch": "The mean was taken over all texts: one number for each.",
    "dec_log_prob_best": "This is the log-probability of the likeliest token: asked for is that "
    "of the token that stands there.",
    "dec_log_prob_base": "This is in bits: the natural logarithm gives nats.",
}

CAUSES: dict[str, str] = {**_KNOBS, **_WRITING, **_MEASURES}
