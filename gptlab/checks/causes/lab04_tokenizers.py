"""Why an answer of lab04 is wrong, one sentence a cause."""

from __future__ import annotations

_PLAIN = {
    "chars_unknown_crashes": "A character that was not in the text has no entry in stoi: its id is "
    "0.",
    "chars_unknown_dropped": "Unknown characters were left out: each becomes id 0, so that the "
    "length stays.",
    "chars_unknown_minus_one": "An unknown character became -1: its id is 0.",
    "code_points": "These are the numbers of characters, not of bytes: turn the text into UTF-8 "
    "first.",
    "bytes_object": "This is a bytes object: the ids are a list of numbers.",
    "partial_bytes_crash": "Bytes that are no whole character raise an error: they become U+FFFD, "
    "so tell decode what to do with errors.",
    "partial_bytes_ignored": "Bytes that are no whole character were dropped in silence: they "
    "become U+FFFD, so that one sees them.",
    "decoded_one_by_one": "Each id was turned into text by itself, which breaks a character of "
    "several: join all bytes first.",
}

_PAIRS = {
    "stats_new_dict": "The counts that were handed in are lost: add to that dict.",
    "stats_not_added": "Each pair counts as one: a pair that comes again adds one more.",
    "stats_no_overlap": "Overlapping pairs were left out: aaa holds the pair aa twice.",
    "stats_jumps": "Every second pair is missing: the pairs begin at each place, 0, 1, 2, and so "
    "on.",
    "stats_last_lost": "The last pair is missing.",
    "stats_wraps": "The last id was paired with the first: the text is no circle.",
    "stats_order_lost": "The order in the pair is lost: (left, right) and (right, left) are two "
    "pairs.",
    "merge_slice": "Nothing was merged: is a slice of the list compared with a tuple? A list never "
    "equals a tuple.",
    "merge_overlap": "An id was used in two pairs: what has been merged is gone, so go on behind "
    "it.",
    "merge_last_lost": "The last id is lost: it has no right neighbour, and stays.",
    "merge_first_only": "Only the first place was merged: all of them are.",
    "merge_keeps_right": "The right id of the pair is still there: both become one new id.",
    "merge_changes_list": "The caller's list was changed: make a new one.",
    "merge_left_only": "The left id alone was compared: both ids of the pair have to be there.",
}

_TRAINING = {
    "ties_first_met": "Among equally frequent pairs the first one met was taken: take the "
    "smallest, or the result depends on chance.",
    "ties_largest": "Among equally frequent pairs the largest was taken: take the smallest.",
    "train_rarest": "The rarest pair was merged: take the most frequent one.",
    "ids_not_from_256": "The new ids do not begin at 256: 0 to 255 are the bytes.",
    "train_one_too_many": "There is one merge too many: vocab_size ids are 256 bytes and "
    "vocab_size - 256 merges.",
    "train_one_too_few": "There is one merge too few: vocab_size ids are 256 bytes and "
    "vocab_size - 256 merges.",
    "train_too_many": "There are vocab_size merges: the 256 bytes are ids too.",
    "train_not_recounted": "The pairs were counted only once: each merge makes new pairs, so "
    "count again.",
    "train_no_pair_left": "No pair is left, and the next merge crashes: stop there.",
    "train_not_stored": "The merges were not stored: hand the list of pairs to self.set_merges.",
    "encode_by_count": "The most frequent pair was merged first: here the order is that of "
    "learning, the smallest id first.",
    "encode_longest_match": "The longest known piece was taken at each place: here pairs are "
    "merged, in the order in which they were learnt.",
    "encode_left_to_right": "The first pair from the left was merged first: the one that was "
    "learnt first goes first, wherever it is.",
    "encode_last_learnt": "The pair that was learnt last was merged first: begin with the one "
    "learnt first.",
    "encode_one_round": "There was only one round: go on until no pair of neighbours is known.",
    "encode_not_merged": "Nothing was merged in the text.",
    "encode_short_text": "Where one id or none is left there is no pair: the ids stay as they are.",
    "encode_no_stop": "No pair of neighbours is known any more: stop there.",
}

_WORDS = {
    "regex_across_words": "A pair reaches from one word into the next: count and merge inside each "
    "word.",
    "regex_last_word_only": "Only the pairs of one word were counted: add up those of all words.",
    "regex_distinct_words": "Each word was counted once: one that comes three times counts three "
    "times.",
    "regex_encode_whole": "The text was encoded in one piece: cut it into words, and encode each.",
    "regex_words_nested": "There is a list for each word: the ids are one list.",
    "spaces_lost": "The text was cut at its spaces, and they are gone: the pattern keeps each one.",
    "regex_lab_pattern": "The pattern is that of GPT-2: use self.pattern.",
    "special_allowed_by_default": "A special text became its id though nobody allowed it: it "
    "raises ValueError.",
    "special_encoded_as_text": "A special text that was not allowed became ordinary ids: it raises "
    "ValueError.",
    "special_allowed_as_text": "A special text that was allowed became ordinary ids: it becomes "
    "its own id.",
    "special_always_refused": "A special text was refused though it is allowed: only the others "
    "raise.",
    "special_token_lost": "The special token is missing among the ids.",
    "special_rest_lost": "What stands around the special token is lost.",
    "special_rest_merged": "The text around a special token was joined: it is encoded on each side "
    "by itself.",
    "special_not_escaped": "The special text was read as a regular expression: escape it.",
    "special_only_first": "Only the first special token was found.",
}

_FILES = {
    "gpt2_comment": "The first line of vocab.bpe is a comment, and no merge.",
    "gpt2_empty_lines": "An empty line is no merge: skip it.",
    "gpt2_texts": "The pairs hold texts: look up the id of each half.",
    "gpt2_byte_order": "The bytes were numbered 0 to 255: GPT-2 has an order of its own, so look "
    "up the id of the letter that stands for each byte.",
    "gpt2_plain_letters": "A byte was looked up as the character of that number: written[byte] is "
    "the letter that stands for it.",
    "gpt2_swapped": "The two things are swapped: the pairs come first.",
    "shrink_one_pass": "A character that was needed at first may be needed no longer: go over the "
    "text again, until none can go.",
    "shrink_not_failing": "What came out does not fail: keep a shorter text only if it fails.",
    "shrink_not_shortened": "A character can still be taken away.",
    "shrink_original": "The text came back as it was: give back the shorter one.",
}

_CATALOGUE = {
    "chars_unknown_none": "An unknown character became None: its id is 0.",
    "chars_unknown_new_id": "An unknown character got a number behind all others: its id is 0.",
    "chars_learns_unknown": "Unknown characters were added to the vocabulary: it is fixed once "
    "made, and they are 0.",
    "chars_lowered": "A capital became a small letter: it is another character.",
    "chars_from_0": "Each id is one too small: characters count from 1, since 0 is for the "
    "unknown.",
    "chars_ord": "These are Unicode's numbers: a character's id stands in stoi.",
    "chars_own_vocabulary": "A vocabulary of the text to be encoded was made: use the one that "
    "__init__ made, in stoi.",
    "chars_decode_one_late": "Each character is that of the id before: itos begins with the "
    "unknown sign, so its places are the ids.",
    "chars_unknown_sign_lost": "Id 0 was left out: it is written as the unknown sign, which is "
    "itos[0].",
    "chars_unknown_question": "Id 0 became a question mark: itos says how it is written.",
    "simple_ascii": "ASCII has 128 characters and no other: UTF-8 has bytes for each.",
    "simple_latin1": "Latin-1 has 256 characters and no other: UTF-8 has bytes for each.",
    "simple_utf16": "These are the bytes of UTF-16: the lab counts in UTF-8.",
    "simple_bits": "The bytes are written out as texts: a byte is a number from 0 to 255.",
    "simple_decode_backslash": "Broken bytes were spelled out with backslashes: they become "
    "U+FFFD.",
    "bytes_as_characters": "Each byte was read as a character, which is Latin-1: join the bytes, "
    "and decode them as UTF-8.",
    "simple_last_byte": "Only a byte at the end was mended: a half character may stand anywhere.",
    "bytes_of_zeros": "bytes(5) is five zeros: put the number into a list.",
    "bytes_shown": "str() shows a bytes object, with b and quotes: decode it.",
    "stats_copy": "A copy of the counts was filled: add to the very dict that was handed in.",
    "stats_from_two": "A new pair begins with 2: before it was met its count is 0.",
    "stats_over_set": "A set forgets how often a pair comes: go over the pairs themselves.",
    "stats_past_end": "The last id has no right neighbour: end one place earlier.",
    "stats_list_key": "A list cannot be the key of a dict: a pair is a tuple.",
    "stats_text_key": "The keys are texts: a pair is a tuple of two ids.",
    "stats_key_missing": "A pair that is not there yet has no count: let get give 0 for it.",
    "stats_empty_dict": "The empty dict that was handed in stays empty: `or` takes it for nothing, "
    "so ask `is None`.",
    "stats_kept": "The counts of an earlier call are still there: begin with a new dict.",
    "stats_single_ids": "Single ids were counted: count pairs of neighbours.",
    "stats_nothing_returned": "Nothing was returned: the counts have to come back.",
    "stats_return_in_loop": "The function returns inside the loop, after the first pair: return "
    "behind it.",
    "stats_as_list": "This is a list: the counts are a dict from pair to count.",
    "stats_frequent_only": "Pairs that come once are missing: they count too.",
    "stats_changes_list": "Ids were taken off the caller's list: leave it as it is.",
    "merge_past_end": "The last id was compared with one behind it, which is not there: look "
    "whether there is one.",
    "merge_keeps_left": "The left id of the pair is still there: both become one new id.",
    "merge_pair_gone": "The pair is gone and nothing stands in its place: put the new id there.",
    "merge_empties_list": "The ids were taken off the caller's list, which is empty now: go over "
    "it by places.",
    "merge_same_list": "Where nothing is merged the caller's own list came back: give a new one.",
    "merge_any_order": "The pair was merged the other way around too: (left, right) is not (right, "
    "left).",
    "merge_either_id": "One of the two ids was enough: both of the pair have to be there.",
    "merge_is": "`is` asks whether it is the same object, which holds for small numbers only: "
    "compare with ==.",
    "merge_from_right": "The list was gone through from the right: in aaa the two on the left are "
    "merged.",
    "merge_by_twos": "Only every second place was looked at: where the pair does not begin, go on "
    "by 1.",
    "merge_digits": "The ids were merged as a text, in which 11 2 holds 1 2: compare the numbers.",
    "ties_last_met": "Among equally frequent pairs the last one met was taken: take the smallest, "
    "or the result depends on chance.",
    "train_smallest_pair": "The smallest pair was merged however often it occurs: take the most "
    "frequent one.",
    "train_counts_kept": "Old counts were kept, and the same pair was chosen again: count anew in "
    "each round.",
    "train_result_dropped": "The same pair was chosen again: what merge gives back has to take the "
    "place of the ids.",
    "train_stops_early": "Training stopped where no pair comes twice: pairs that occur once are "
    "merged too, until there is no pair.",
    "train_returns_early": "The merges were not stored when the text ran out of pairs: leave the "
    "loop, not the function.",
    "ties_by_left": "Among equally frequent pairs only the left ids were compared: where these are "
    "equal, the smaller right one goes first.",
    "ties_by_bytes": "Among equally frequent pairs the bytes were compared: compare the ids.",
    "train_vocab_missing": "merges is there and vocab is not: set_merges makes both.",
    "train_last_lost": "The last merge was not stored.",
    "train_sorted": "The merges were sorted: their order is that of learning, and later ones build "
    "on earlier ones.",
    "train_goes_on": "The merges of the training before are still there: begin with none.",
    "decode_ascii": "ASCII has only 128 characters: the bytes are UTF-8.",
    "decode_ids_as_bytes": "An id from 256 on is no byte: look up the bytes of each id in "
    "self.vocab.",
    "decode_joins_as_text": 'The pieces are bytes: join them with b"", and not with "".',
    "decode_ids_as_characters": "The ids were taken for the numbers of characters: vocab has the "
    "bytes of each.",
    "decode_new_ids_lost": "The ids from 256 on were left out: vocab has their bytes too.",
    "decode_own_order": "An id below 256 was taken for the byte of that number: vocab knows, since "
    "the bytes may have an order of their own.",
    "decode_one_step": "A merged id was taken apart once, and its halves may be merged ids again: "
    "vocab has all bytes.",
    "decode_gives_bytes": "These are bytes: decode them into a string.",
    "decode_list_of_pieces": "This is a list of pieces: join their bytes and decode them.",
    "decode_with_spaces": "Something was put between the pieces: join them with nothing in "
    "between.",
    "encode_longest_pair": "The pair with the most bytes was merged first: the one learnt first "
    "goes first.",
    "encode_smallest_pair": "The smallest pair was merged first: compare the new ids of the pairs, "
    "which self.merges has.",
    "encode_unknown_first": "An unknown pair counts as the one learnt first: it has to come last, "
    "so give it infinity.",
    "encode_two_ids": "Two ids are a pair as well: the loop ended too early.",
    "encode_ranks": "A merged pair got its place in the list as its id: self.merges has the id, "
    "from 256 on.",
    "encode_pieces": "These are the pieces as bytes: the ids are asked for.",
    "encode_result_dropped": "The merged ids were thrown away: merge gives a new list.",
    "encode_retrains": "New merges were learnt from the text to be encoded: use those of the "
    "training.",
    "encode_byte_order": "The bytes were numbered 0 to 255 anew: the ids at the start are those of "
    "byte_ids.",
    "regex_trains_each_word": "Each word was trained by itself, and the last one's merges remain: "
    "count over all words together.",
    "regex_words_stripped": "The words were stripped: the space before a word belongs to it.",
    "regex_between_words": "split gives what stands between the words: findall gives the words.",
    "regex_first_word_only": "Only the first word came back: return behind the loop.",
    "regex_last_ids_only": "Only the ids of the last word came back: add up those of all words.",
    "regex_re_module": "The module re knows no \\p{L}: the module regex does.",
    "regex_not_merged": "These are bytes: encode each word with its merges.",
    "regex_super": "`super()` does not work inside a comprehension here: write a plain for loop.",
    "class_begun_anew": "The class lacks a method. If an earlier cell of the class was run again, "
    "the class was begun anew: run the later ones again, in order.",
    "regex_calls_encode": "self.encode will be another one in the next exercise, which calls "
    "encode_ordinary: call that of the class before, super().",
    "special_unchecked_with_allowed": "Where one special text is allowed the others were let "
    "through: each that is not allowed raises ValueError.",
    "special_refused_though_absent": "A special text that does not occur was refused: only what is "
    "in the text matters.",
    "special_other_error": "The error is another one: it is a ValueError.",
    "special_error_returned": "The error was returned: raise it.",
    "special_no_guard": "Nothing was allowed, and an empty pattern cut the text at every "
    "place: all of it is ordinary then.",
    "special_across_words": "Ordinary text was encoded in one piece: self.encode_ordinary cuts it "
    "into words first.",
    "special_printed": "The problem was only said: raise ValueError.",
    "special_one_kind": "Only one of the allowed special texts was looked for: all of them are.",
    "special_only_at_end": "The special text was found at the end only: it may stand anywhere.",
    "special_other_id": "The special text has another id: the one in self.special.",
    "special_text_in_ids": "The special text itself stands among the ids: self.special has its id.",
    "special_nested": "There is a list within the list: the ids are one list.",
    "special_spaces_lost": "The text around a special token was stripped: its spaces count.",
    "gpt2_hash_lines": "Every line that begins with # was left out: only the first is a comment, "
    '"# #" is a merge.',
    "gpt2_first_merge_lost": "The first merge is missing: it stands in the second line.",
    "gpt2_last_line_lost": "The last line was left out, whether empty or not: only empty ones do "
    "not count.",
    "gpt2_stops_at_empty": "Reading stopped at an empty line: skip it and go on.",
    "gpt2_one_letter": "Only the first and the last letter of a line were read: the halves may be "
    "longer.",
    "gpt2_spaces": "The sign for a space was turned into a space: ids has the tokens as they are "
    "written.",
    "gpt2_merged_ids": "These are the ids of the merged tokens: the pairs hold those of the two "
    "halves.",
    "gpt2_ids_by_line": "The ids were counted line by line: they stand in encoder.json.",
    "gpt2_first_256": "The first ids of the file were taken for those of the bytes: look up the "
    "letter of each byte.",
    "gpt2_sorted_ids": "The ids of the bytes were sorted: byte 0 comes first, whatever its id is.",
    "gpt2_letters": "These are the letters of the bytes: look up their ids.",
    "gpt2_seen_only": "Only the bytes that can be seen are there: the others have letters too.",
    "gpt2_pairs_only": "Only the pairs came back: byte_ids is asked for as well.",
    "gpt2_changes_lines": "A line was taken off the caller's list: leave it as it is.",
    "shrink_skips": "After a character is gone the next one stands in its place, and was skipped: "
    "begin again.",
    "shrink_until_it_passes": "It went on until the text no longer fails: stop one step before.",
    "shrink_end_only": "Characters were taken from the end only: any of them may go.",
    "shrink_start_only": "It stopped at the first character that is needed: go on with the next "
    "one.",
    "shrink_ends_only": "Characters were taken from the two ends only: those in the middle may go "
    "too.",
    "shrink_halves": "Only whole halves were taken away: single characters may go too.",
    "shrink_never_ends": "The loop does not end: where a character is needed, go on to the next.",
    "shrink_all_alike": "All characters that are alike were taken away at once: take one at a "
    "time.",
    "shrink_one_left": "The last character was kept: the empty text may fail too.",
    "shrink_last_kept": "The last character was never tried.",
    "shrink_distinct": "Repeated characters were thrown away before anything was tried: that text "
    "may not fail.",
    "shrink_sorted": "The characters were sorted: their order has to stay.",
    "shrink_nothing_returned": "Nothing was returned: the shortened text has to come back.",
}

CAUSES = _PLAIN | _PAIRS | _TRAINING | _WORDS | _FILES | _CATALOGUE
