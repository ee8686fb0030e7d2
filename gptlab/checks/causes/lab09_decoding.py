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
    "dec_argmax_no_axis": "The place of the largest has lost its axis: argmax(dim=-1, "
    "keepdim=True) gives (B, 1).",
    "dec_two_things": "Two things came back, numbers and their places: only the scores are asked "
    "for, (B, V).",
    "dec_sort_not_unpacked": "sort gives two things, the scores and their places: unpack them.",
    "dec_softmax_unsorted": "The odds are still in the order of the ids, and the scores are not: "
    "softmax of the sorted scores.",
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
    "dec_penalty_each_time": "A token that stands there twice was penalized twice: once is enough. "
    "A set of tensors keeps equal ones apart: row.tolist() has numbers.",
    "dec_penalty_mixed": "Scores of all tokens, (B, V), and fetched ones, (B, T), meet here: ask "
    "the fetched ones whether they are above 0.",
    "dec_penalty_everywhere": "All tokens were penalized: only those that stand in the row.",
    "dec_penalty_of_all_rows": "The tokens of one text were penalized in another: each row has its "
    "own text.",
    "dec_penalty_subtracts": "The penalty was subtracted: it divides, or multiplies.",
    "dec_penalty_none": "Nothing was changed: the scores of the tokens that stand in idx become "
    "smaller. scatter gives a new tensor, it changes nothing in place.",
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
    "dec_choose_first_rows_odds": "The first row's odds were used for all: each row has its own.",
    "dec_choose_none": "top_k or top_p is None here: only where it is asked for.",
    "dec_choose_uniform": "All that is left was drawn equally often: draw by the odds.",
    "dec_choose_no_generator": "The generator was not handed on: the same seed gives other tokens.",
    "dec_choose_reseeds": "The seed of the whole notebook was changed: draw with the generator.",
    "dec_no_crop": "The model was shown all of the text: it reads the last context_size tokens.",
    "dec_crop_first": "The model was shown the first tokens: it reads the last context_size.",
    "dec_text_cropped": "The text itself was cut: only what the model reads is cut.",
    "dec_context_fixed": "The number of tokens that the model is shown is fixed: context_size says "
    "how many.",
    "dec_all_places": "The model gives the scores of all places, (B, T, V): the last one says what "
    "comes next, (B, V).",
    "dec_not_last_place": "The scores are of another place: the last one says what comes next.",
    "dec_only_new": "Only the new tokens came back: idx stands before them.",
    "dec_only_the_last": "Only the last token came back: append each to the text, and return that.",
    "dec_count": "The number of new tokens is not max_new_tokens.",
    "dec_idx_changed": "The idx that was handed in has changed: make a new one.",
    "dec_graph": "The model ran with a graph: nobody learns here, so torch.no_grad().",
    "dec_training_changed": "The model's mode was changed: leave it as it is.",
    "dec_eos_no_axis": "Who has ended is (B,) and the new tokens are (B, 1): together that is "
    "(B, B). Give both an axis for the place.",
    "dec_eos_floats": "Who has ended has to be told in bools: dtype=torch.bool.",
    "dec_eos_swapped": "The two are the wrong way round: a row that has ended goes on with eos_id, "
    "any other with the new token.",
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
    "dec_penalty_twice": "The penalty was applied twice at each step: once.",
    "dec_generate_odds": "choose was given odds: it takes scores, and makes the odds itself.",
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
    "different tokens, or by itself: divide by the number of n-grams.",
    "dec_distinct_last_missing": "The last n-gram is missing: a list of T tokens has T - n + 1.",
    "dec_distinct_too_many": "Pieces shorter than n were counted: a list of T tokens has T - n + 1 "
    "n-grams.",
    "dec_distinct_side_by_side": "The n-grams stand side by side: one begins at each token.",
    "dec_distinct_tokens": "These are different tokens: n of them in a row are asked for.",
    "dec_distinct_inverted": "This is the share that repeats: 1 minus it is distinct.",
    "dec_distinct_unordered": "The order inside an n-gram was lost: (1, 2) and (2, 1) are two.",
    "dec_distinct_short": "A list shorter than n has no n-gram: there the answer is 0.0.",
    "dec_distinct_list": "A list cannot stand in a set: a tuple can.",
    "dec_gather_axes": "gather needs ids with as many axes as the scores: idx[..., None] adds one.",
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

_CATALOGUE_KNOBS = {
    "dec_temperature_is_a_power": "The odds were raised to a power and no longer add up to 1: "
    "divide the scores by the temperature, softmax after.",
    "dec_softmax_of_all": "The odds of all texts together add up to 1: each row has odds of its "
    "own.",
    "dec_no_exp": "The scores themselves were divided by their sum: a softmax takes exp of them "
    "first.",
    "dec_log_of_odds": "These are the logarithms of the odds: softmax gives the odds.",
    "dec_odds_rounded": "The odds were rounded: they no longer add up to 1.",
    "dec_zero_divided_before": "The scores were divided by 0 before they were compared: then "
    "several are infinite. Ask for temperature 0 first.",
    "dec_zero_is_one": "At temperature 0 these are the odds of temperature 1: the likeliest token "
    "gets 1, the others 0.",
    "dec_zero_is_even": "At temperature 0 all tokens are equally likely here: that is what a very "
    "high one does. The likeliest token gets 1.",
    "dec_zero_ones": "At temperature 0 each of several equals got 1: only the first of them does.",
    "dec_zero_last_of_equals": "At temperature 0 the last of several equals got 1: it is the first "
    "of them.",
    "dec_zero_whole_numbers": "At temperature 0 these are whole numbers: odds are floats, as they "
    "are at other temperatures.",
    "dec_zero_of_the_batch": "At temperature 0 the likeliest of all rows was looked for: each row "
    "has its own.",
    "dec_zero_one_column": "At temperature 0 every row got a 1 at each row's likeliest token: each "
    "row has only its own.",
    "dec_zero_least": "At temperature 0 the least likely token got 1: the largest score wins.",
    "dec_zero_keeps_score": "At temperature 0 the likeliest token kept its score: its odds are 1.",
    "dec_top_k_lowest_edge": "The lowest of all rows' edges was used: each row has its own.",
    "dec_top_k_of_the_batch": "The largest scores of the whole batch were looked for: each row "
    "keeps top_k of its own.",
    "dec_top_k_over_batch": "The largest were looked for down the batch: each row keeps top_k, "
    "along the last axis.",
    "dec_top_k_edge_is_the_largest": "The edge is the largest score, so only that stays: it is "
    "the last of the top_k.",
    "dec_top_k_mean_edge": "The edge is the mean of the top_k: it is the smallest of them.",
    "dec_top_k_inverted": "The largest were dropped and the others kept: it is the other way "
    "round.",
    "dec_top_k_not_sorted": "The first top_k ids were kept: it is the largest scores that count.",
    "dec_top_k_ascending": "The scores were sorted from the smallest on, so the edge is the "
    "top_k-th from below: it is the top_k-th from above.",
    "dec_dropped_by_a_number": "Dropped scores are a large negative number: -inf is asked for.",
    "dec_dropped_to_plus_inf": "Dropped scores are +inf, which beats all others: the sign is "
    "missing.",
    "dec_gives_ids": "These are ids: asked for are scores, (B, V).",
    "dec_gives_mask": "This says which are kept: asked for are the scores, with -inf elsewhere.",
    "dec_top_k_of_rows": "top_k was held against the number of rows: it is the number of tokens, "
    "V, that it cannot exceed.",
    "dec_top_k_less_than_all": "At least one token is always dropped: a top_k of V keeps all.",
    "dec_top_k_next_is_edge": "What equals the first dropped score was dropped, too: with equal "
    "scores fewer than top_k are left.",
    "dec_crossing_dropped_but_first": "The token that reaches top_p was dropped, unless it is the "
    "likeliest: it is always kept.",
    "dec_gathered_back": "gather does not undo a sort: scatter puts each score back to its id.",
    "dec_not_sorted": "The odds were added up in the order of the ids: the likeliest come first.",
    "dec_sorted_over_batch": "The scores were sorted down the batch: each row is sorted by itself.",
    "dec_scores_added_up": "Scores were added up: it is the odds that reach top_p.",
    "dec_powers_added_up": "The powers of the scores were added up: they have to be divided by "
    "their sum, which makes odds of them.",
    "dec_odds_over_batch": "The odds add up to 1 down the batch: each row has odds of its own.",
    "dec_added_over_batch": "The odds were added up down the batch: they add up along each row.",
    "dec_added_over_all": "The sum went on from one row to the next: each row begins at 0.",
    "dec_not_added_up": "The odds were not added up: a token is dropped when those that come "
    "before it have reached top_p together.",
    "dec_top_p_of_the_largest": "Each token was compared with a share of the likeliest one, which "
    "is another method: here the odds are added up.",
    "dec_top_p_rest": "The sum was compared with 1 - top_p: it is top_p that is to be reached.",
    "dec_top_p_share_of_vocabulary": "top_p was taken as a share of the vocabulary: it is a sum "
    "of odds.",
    "dec_top_p_row_of_another": "One row's sums were used for all: each row has its own.",
    "dec_top_p_one_count": "The same number of tokens is kept in each row: a steep row keeps "
    "fewer than a flat one.",
    "dec_top_p_odds_cut": "These are odds, with 0 for what is dropped: asked for are scores, and "
    "-inf.",
    "dec_top_p_strangers": "Only the likeliest token is in its place: all that are kept have to "
    "be put back, and all others are -inf.",
    "dec_penalty_above_0_only": "Scores below 0 were left alone: they are multiplied by the "
    "penalty.",
    "dec_penalty_below_0_only": "Scores above 0 were left alone: they are divided by the penalty.",
    "dec_penalty_bans": "The tokens were ruled out: a penalty makes them less likely, and not "
    "impossible.",
    "dec_penalty_sign_lost": "Scores below 0 lost their sign: they are multiplied by the penalty, "
    "and stay below 0.",
    "dec_penalty_odds": "The odds were penalized: the scores are.",
    "dec_penalty_of_the_others": "The tokens that do not stand in the row were penalized: it is "
    "those that do.",
    "dec_penalty_of_the_first_row": "The tokens of the first text were penalized in all: each row "
    "has its own text.",
    "dec_penalty_first_row_only": "Only the first row was penalized: all of them are.",
    "dec_penalty_of_the_last": "Only the last token was penalized: all that stand in the row are.",
    "dec_penalty_by_place": "The first T scores were penalized: an id says which score is meant.",
    "dec_penalty_rows_picked": "Indexing with idx picks rows: gather takes, in each row, the "
    "scores of its ids.",
    "dec_penalty_only_found": "Only the scores of the tokens in idx came back: put them back among "
    "the others, (B, V).",
    "dec_penalty_scattered_along_batch": "The scores were put back along the batch: an id counts "
    "along the last axis.",
    "dec_nothing_returned": "Nothing is returned: a function ends with return.",
}

_CATALOGUE_WRITING = {
    "dec_temperature_last": "The temperature came after top_p, which saw other odds: temperature, "
    "then top_k, then top_p.",
    "dec_choose_one_or_other": "top_p is left out where there is a top_k: both may be given.",
    "dec_choose_filters_not_kept": "What top_k_only and top_p_only gave was not kept: they return "
    "new scores, and change none.",
    "dec_choose_top_k_is_top_p": "top_p_only was given top_k: it takes top_p.",
    "dec_choose_softmax_twice": "The softmax came before the filters, which take odds for scores "
    "then: it comes last.",
    "dec_choose_zero_of_the_batch": "At temperature 0 the largest score was looked for down the "
    "batch: each row has its own, along the last axis.",
    "dec_choose_zero_score": "At temperature 0 this is a score: the id is the place of the largest "
    "one.",
    "dec_choose_below_1_is_0": "The likeliest token was taken at temperatures above 0, too: at "
    "those it draws.",
    "dec_choose_gives_odds": "These are the odds of the token that was drawn: return its id.",
    "dec_choose_one_draw_for_all": "One token was drawn for all rows: each row has its own odds "
    "and its own draw.",
    "dec_choose_new_generator": "A new generator was made at each call, so the draws are always "
    "the same: use the one that was handed in, as it goes on.",
    "dec_crop_one_less": "One token too few was shown: context_size of them fit.",
    "dec_crop_one_more": "One token too many was shown: the model reads context_size.",
    "dec_crop_rows": "The batch was cropped, not the text: the first axis counts rows.",
    "dec_crop_last_only": "The model was shown the last token only: it reads context_size of them.",
    "dec_crop_once": "The model was shown the same tokens each time: crop anew at each step.",
    "dec_mean_of_places": "The scores of all places were averaged: the last place says what comes "
    "next.",
    "dec_penalty_of_the_prompt": "Only the prompt was penalized: what has been written since "
    "counts, too.",
    "dec_penalty_of_new_only": "Only the new tokens were penalized: those of the prompt count, "
    "too.",
    "dec_penalty_of_last_only": "Only the last token was penalized: all of the text counts.",
    "dec_generator_restarted": "The generator was set back to its seed before each draw: let it go "
    "on.",
    "dec_temperature_twice": "The scores were divided by the temperature twice: choose does it.",
    "dec_eos_falsy": "eos_id 0 was taken for none: ask whether it is None.",
    "dec_eos_one_row": "Only the first row was looked at: it ends when all rows have drawn eos_id.",
    "dec_eos_filled_with_0": "A row that has ended went on with 0: it goes on with eos_id.",
    "dec_eos_repeats_last": "A row that has ended repeats its last token: it goes on with eos_id.",
    "dec_eos_in_prompt": "An eos_id in the prompt ended the row: only one that was drawn does.",
    "dec_eos_never_stops": "It goes on when all rows have drawn eos_id: that is the end.",
    "dec_eos_cut_out": "Rows that have ended were taken out: all of them come back, side by side.",
    "dec_not_kept": "The new token was not kept: append it before the model is asked again.",
    "dec_prepends": "The new token stands in front: it belongs at the end.",
    "dec_wrong_axis": "The new token was appended along the wrong axis: time is dim=1.",
    "dec_stops_after_one": "It stopped after one new token: return stands after the loop.",
}

_CATALOGUE_MEASURES = {
    "dec_distinct_whole_division": "// throws the fraction away: / gives a share.",
    "dec_distinct_percent": "These are percentages: a share lies between 0 and 1.",
    "dec_distinct_rounded": "The share was rounded: return it as it is.",
    "dec_distinct_upside_down": "It is upside down: the different ones, divided by all.",
    "dec_distinct_not_a_set": "All n-grams were counted above, too: only the different ones are.",
    "dec_distinct_once": "Only n-grams that come once were counted: one that comes twice is one of "
    "the different ones, too.",
    "dec_distinct_neighbours": "Each n-gram was compared with the one before it only: it may have "
    "come earlier.",
    "dec_distinct_short_is_1": "A list shorter than n has no n-gram: there the answer is 0.0, "
    "and not 1.0.",
    "dec_distinct_short_is_none": "A list shorter than n gives None here: there the answer is 0.0.",
    "dec_distinct_first_missing": "The first n-gram is missing: it begins at place 0.",
    "dec_distinct_fixed": "The length of an n-gram is fixed: it is n.",
    "dec_distinct_one_longer": "The n-grams are one token too long: a slice stops before its end.",
    "dec_distinct_slice_length": "A slice goes from a place to a place: the n-gram at i ends "
    "at i + n.",
    "dec_distinct_as_text": "The ids were run together as text: (1, 11) and (11, 1) are two.",
    "dec_distinct_summed": "The ids of an n-gram were added up: (1, 3) and (2, 2) are two.",
    "dec_distinct_ends_only": "Only the ends of an n-gram count here: all its tokens do.",
    "dec_distinct_list_changed": "The caller's list has changed: leave it as it is.",
    "dec_log_prob_shifted_back": "Scores and tokens are shifted the wrong way: place t's scores "
    "are about token t + 1.",
    "dec_log_prob_last_to_first": "The last place was compared with the first token: nothing "
    "follows the last one.",
    "dec_log_prob_last_lost": "The last token was left out: it is the model's, too.",
    "dec_log_prob_prompt_only": "These are the tokens of the prompt: those after it count.",
    "dec_log_prob_by_length": "The sum was divided by T: divide by the number of tokens after the "
    "prompt.",
    "dec_log_prob_by_prompt": "The sum was divided by the length of the prompt: divide by the "
    "number of tokens after it.",
    "dec_log_prob_over_texts": "The mean was taken over the texts: it goes over the tokens of "
    "each, one number a text.",
    "dec_log_prob_not_averaged": "This is a number for each token: take the mean of each row.",
    "dec_log_prob_least": "This is the least likely token: the mean over all is asked for.",
    "dec_log_prob_perplexity": "This is the perplexity: the mean log-probability is asked for.",
    "dec_log_prob_of_zero": "The logarithm of a softmax was taken: a small probability is stored "
    "as 0. log_softmax never leaves the logarithm.",
    "dec_log_prob_padded": "A small number was added to the odds, which hides how unlikely a "
    "token is: log_softmax needs none.",
    "dec_log_prob_along_time": "The softmax runs along time: at each place the tokens of the "
    "vocabulary compete.",
    "dec_log_prob_all_tokens": "All tokens of the vocabulary were averaged: only the one that "
    "stands there counts.",
    "dec_log_prob_no_prompt_shown": "The model was not shown the prompt: each token is judged "
    "given all before it.",
    "dec_log_prob_first_text": "The tokens of the first text were looked up for all: each row has "
    "its own.",
    "dec_log_prob_squeezed": "There is one axis too many: gather leaves one of size 1.",
}

CAUSES: dict[str, str] = {
    **_KNOBS,
    **_WRITING,
    **_MEASURES,
    **_CATALOGUE_KNOBS,
    **_CATALOGUE_WRITING,
    **_CATALOGUE_MEASURES,
}
