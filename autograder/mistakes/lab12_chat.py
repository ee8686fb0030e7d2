"""What students write in lab12_chat: wrong answers, lazy ones, and right ones in another form.

A mistake is a substitution in the text of solutions/lab12_chat.py; its sentence stands under its id
in gptlab/checks/causes/. The right answers stand in lab12_chat_right.py.
"""

from __future__ import annotations

from autograder import catalogue
from autograder.mistakes.lab12_chat_right import RIGHT

__all__ = ["LAZY", "MISTAKES", "RIGHT"]

# Lines of the solution that mistakes replace.
_ROLE = '        ids.append(tokenizer.special_tokens[ROLES[message["role"]]])\n'
_TEXT = '        ids += tokenizer.encode_ordinary(message["content"])\n'
_END = "        ids.append(tokenizer.special_tokens[END])\n"
_EACH = "ids = []\n    for message in messages:\n"
_WRITTEN = f"{_EACH}{_ROLE}{_TEXT}{_END}"
_ALL = f"{_WRITTEN}    return ids\n"
_WORDS = 'message["content"]'

_PROMPT = "    return encode(messages, tokenizer) + [tokenizer.special_tokens[ASSISTANT]]\n"
_TURN = "[tokenizer.special_tokens[ASSISTANT]]"

_PART = "        new = encode([message], tokenizer)\n"
_COUNTS = '        counts = int(message["role"] == "assistant")\n'
_MASK = "        mask += [0] + [counts] * (len(new) - 1)\n"
_PARTS = f"{_PART}{_COUNTS}        ids += new\n{_MASK}"
_MASKED = "    return ids, mask\n"
_LOOPED = f"{_PARTS}{_MASKED}"

_LISTS = "    ids, mask = torch.tensor(ids), torch.tensor(mask)\n"
_X = "    x = ids[:-1]\n"
_Y = "    y = torch.where(mask[1:] == 1, ids[1:], -1)\n"
_XY = f"{_X}{_Y}    return x, y\n"

_LONGEST = "    longest = max(len(x) for x, _ in pairs)\n"
_XB = "    xb = torch.full((len(pairs), longest), pad_id)  # (B, T)\n"
_YB = "    yb = torch.full((len(pairs), longest), -1)\n"
_ROWS = "    for row, (x, y) in enumerate(pairs):\n"
_ROW_X = "        xb[row, : len(x)] = x\n"
_ROW_Y = "        yb[row, : len(y)] = y\n"
_FILLED = f"{_ROWS}{_ROW_X}{_ROW_Y}"
_BATCH = "    return xb, yb\n"
_COLLATED = f"{_LONGEST}{_XB}{_YB}{_FILLED}{_BATCH}"

_COUNTED = "    counts = targets != -1  # (B, T)\n"
_LOGS = "    log_probs = torch.log_softmax(logits[counts], dim=-1)  # (n, V)\n"
_FOUND = "    found = log_probs.gather(-1, targets[counts].unsqueeze(-1))  # (n, 1)\n"
_MEAN = "    return -found.sum() / max(1, len(found))\n"
_NATS = f"{_COUNTED}{_LOGS}{_FOUND}{_MEAN}"

_TRAIN = "    model.train()\n"
_CALL = "    logits, _ = model(xb, yb)\n"
_LOSS = "    loss = masked_loss(logits, yb)\n"
_ZERO = "    optimizer.zero_grad()\n"
_BACK = "    loss.backward()\n"
_STEP = "    optimizer.step()\n"
_ITEM = "    return loss.item()\n"
_LEARN = f"{_ZERO}{_BACK}{_STEP}"

_ENOUGH = "    while len(kept) > 2 and len(prompt(kept, tokenizer)) > room:\n"
_CUT = "        kept = kept[2:]\n"
_KEPT = f"    kept = messages\n{_ENOUGH}{_CUT}    return kept\n"

_ROUNDS = "    for _ in range(max_new_tokens):\n"
_SEEN = "        seen = torch.tensor([(ids + new)[-model.config.block_size:]])\n"
_SCORES = "        logits = model(seen)[0][:, -1]  # (1, V)\n"
_TOKEN = "        token = choose(logits, temperature, top_k, generator=generator).item()\n"
_STOP = "        if token == end_id:\n            break\n"
_APPEND = "        new.append(token)\n"
_SAID = "    return new\n"
_TOLD = f"{_STOP}{_APPEND}{_SAID}"
_SPOKEN = f"    new = []\n{_ROUNDS}{_SEEN}{_SCORES}{_TOKEN}{_TOLD}"
_BY_HAND = (
    "        if temperature == 0:\n            token = logits.argmax().item()\n"
    "        else:\n"
    "            logits = logits / temperature\n"
    "            if top_k is not None:\n"
    "                least = logits.topk(min(top_k, logits.shape[-1])).values[:, -1:]\n"
    "                logits = torch.where(logits < least, -torch.inf, logits)\n"
    "            odds = logits.softmax(-1)\n"
    "            token = torch.multinomial(odds, 1, generator=generator).item()\n"
)

_SPLIT = "    said, asked = found.lower().split(), wanted.lower().split()\n"
_SAME = "    if said == asked:\n        return 1.0, 1.0\n"
_SHARED = "    shared = sum((Counter(said) & Counter(asked)).values())\n"
_PARTIAL = "    return 0.0, 2 * shared / (len(said) + len(asked))\n"
_SCORED = f"{_SPLIT}{_SAME}{_SHARED}{_PARTIAL}"
_F1 = "2 * shared / (len(said) + len(asked))"

# item -> id -> (what the solution says, what the student says)
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "encode": {
        "chat_no_end": (_END, ""),
        "chat_no_role": (f"{_ROLE}{_TEXT}", _TEXT),
        "chat_no_marks": (f"{_ROLE}{_TEXT}{_END}", _TEXT),
        "chat_end_once": (f"{_END}    return", f"{_END[4:]}    return"),
        "chat_last_end_missing": (f"{_END}    return ids\n", f"{_END}    return ids[:-1]\n"),
        "chat_end_before_words": (f"{_TEXT}{_END}", f"{_END}{_TEXT}"),
        "chat_role_last": (f"{_ROLE}{_TEXT}", f"{_TEXT}{_ROLE}"),
        "chat_role_behind_end": (f"{_ROLE}{_TEXT}{_END}", f"{_TEXT}{_END}{_ROLE}"),
        "chat_roles_swapped": (
            _ROLE,
            '        role = USER if message["role"] == "assistant" else ASSISTANT\n'
            "        ids.append(tokenizer.special_tokens[role])\n",
        ),
        "chat_one_role": (_ROLE, "        ids.append(tokenizer.special_tokens[USER])\n"),
        "chat_role_compared": (
            _ROLE,
            '        role = USER if message["role"] == USER else ASSISTANT\n'
            "        ids.append(tokenizer.special_tokens[role])\n",
        ),
        "chat_role_once": (_ROLE, f"        if not ids:\n    {_ROLE}"),
        "chat_end_of_answers": (_END, f'        if message["role"] == "assistant":\n    {_END}'),
        "chat_end_of_questions": (_END, f'        if message["role"] == "user":\n    {_END}'),
        "chat_end_between": (_END, f"        if message is not messages[-1]:\n    {_END}"),
        "chat_typed_is_special": (
            _TEXT,
            f'        ids += tokenizer.encode({_WORDS}, allowed_special="all")\n',
        ),
        "chat_typed_whole": (
            _ALL,
            'text = ""\n    for message in messages:\n'
            '        text += ROLES[message["role"]] + message["content"] + END\n'
            '    return tokenizer.encode(text, allowed_special="all")\n',
        ),
        "chat_typed_refused": (_TEXT, f"        ids += tokenizer.encode({_WORDS})\n"),
        "chat_typed_taken_out": (
            _TEXT,
            f"        text = {_WORDS}\n        for mark in (USER, ASSISTANT, END):\n"
            '            text = text.replace(mark, "")\n'
            "        ids += tokenizer.encode_ordinary(text)\n",
        ),
        "chat_marks_as_text": (
            _ROLE,
            '        ids += tokenizer.encode_ordinary(ROLES[message["role"]])\n',
        ),
        "chat_end_as_text": (_END, "        ids += tokenizer.encode_ordinary(END)\n"),
        "chat_all_as_text": (
            f"{_ROLE}{_TEXT}{_END}",
            '        text = ROLES[message["role"]] + message["content"] + END\n'
            "        ids += tokenizer.encode_ordinary(text)\n",
        ),
        "chat_characters": (_TEXT, f"        ids += [ord(letter) for letter in {_WORDS}]\n"),
        "chat_bytes": (_TEXT, f'        ids += {_WORDS}.encode("utf-8")\n'),
        "chat_only_ascii": (
            _TEXT,
            f'        text = {_WORDS}.encode("ascii", "ignore").decode()\n'
            "        ids += tokenizer.encode_ordinary(text)\n",
        ),
        "chat_letter_by_letter": (
            _TEXT,
            f"        for letter in {_WORDS}:\n"
            "            ids += tokenizer.encode_ordinary(letter)\n",
        ),
        "chat_word_by_word": (
            _TEXT,
            f"        for word in {_WORDS}.split():\n"
            "            ids += tokenizer.encode_ordinary(word)\n",
        ),
        "chat_words_stripped": (_TEXT, _TEXT.replace(_WORDS, f"{_WORDS}.strip()")),
        "chat_words_small": (_TEXT, _TEXT.replace(_WORDS, f"{_WORDS}.lower()")),
        "chat_one_line": (_TEXT, _TEXT.replace(_WORDS, f'" ".join({_WORDS}.split())')),
        "chat_line_breaks": (_TEXT, _TEXT.replace(_WORDS, f'{_WORDS} + "\\n"')),
        "chat_spaces": (_TEXT, _TEXT.replace(_WORDS, f'" " + {_WORDS}')),
        "chat_ids_fixed": (
            f"{_ROLE}{_TEXT}{_END}",
            '        ids.append(256 if message["role"] == "user" else 257)\n'
            f"{_TEXT}        ids.append(258)\n",
        ),
        "chat_end_fixed": (_END, "        ids.append(258)\n"),
        "chat_ids_guessed": (_END, "        ids.append(tokenizer.vocab_size - 1)\n"),
        "chat_other_tokenizer_used": (_TEXT, _TEXT.replace("tokenizer", "toy")),
        "chat_first_only": (f"{_END}    return ids\n", f"{_END}        return ids\n"),
        "chat_last_only": (
            f"{_EACH}{_ROLE}",
            f"for message in messages:\n        ids = []\n{_ROLE}",
        ),
        "chat_backwards": (_WRITTEN, _WRITTEN.replace("in messages", "in messages[::-1]")),
        "chat_nested": (_TEXT, _TEXT.replace("+= ", "+= [").replace(")\n", ")]\n")),
        "chat_tensor": (f"{_END}    return ids\n", f"{_END}    return torch.tensor(ids)\n"),
        "chat_text_in_ids": (_ROLE, '        ids.append(ROLES[message["role"]])\n'),
        "chat_words_in_ids": (_TEXT, f"        ids += {_WORDS}\n"),
        "chat_decoded": (f"{_END}    return ids\n", f"{_END}    return tokenizer.decode(ids)\n"),
        "chat_role_key": (_ROLE, '        ids.append(tokenizer.special_tokens[message["role"]])\n'),
        "chat_message_keys": (_TEXT, _TEXT.replace("content", "text")),
        "chat_id_added": (_END, "        ids += tokenizer.special_tokens[END]\n"),
        "chat_stripped": (
            f"{_ROLE}{_TEXT}",
            f"        if not {_WORDS}:\n            continue\n{_ROLE}{_TEXT}",
        ),
        "chat_prompt_too_soon": (
            f"{_END}    return ids\n",
            f"{_END}    return ids + {_TURN}\n",
        ),
        "chat_role_left_out": (
            _ALL,
            _ALL.replace(
                "messages:\n",
                'messages:\n        if message["role"] == "assistant":\n            continue\n',
            ),
        ),
        "chat_messages_changed": (_TEXT, _TEXT.replace('["content"]', '.pop("content")')),
        "chat_nothing_kept": (
            f"{_ROLE}{_TEXT}{_END}",
            f"        ids + {_TURN} + tokenizer.encode_ordinary({_WORDS})\n",
        ),
    },
    "prompt": {
        "chat_prompt_no_role": (_PROMPT, "    return encode(messages, tokenizer)\n"),
        "chat_prompt_ended": (
            _PROMPT,
            '    answer = [{"role": "assistant", "content": ""}]\n'
            "    return encode(messages + answer, tokenizer)\n",
        ),
        "chat_prompt_end_only": (_PROMPT, _PROMPT.replace("ASSISTANT", "END")),
        "chat_prompt_user": (_PROMPT, _PROMPT.replace("ASSISTANT", "USER")),
        "chat_prompt_both_roles": (
            _PROMPT,
            "    roles = [tokenizer.special_tokens[name] for name in (USER, ASSISTANT)]\n"
            "    return encode(messages, tokenizer) + roles\n",
        ),
        "chat_prompt_cut": (_PROMPT, _PROMPT.replace("tokenizer) +", "tokenizer)[:-1] +")),
        "chat_prompt_open_end": (_PROMPT, "    return encode(messages, tokenizer)[:-1]\n"),
        "chat_prompt_role_first": (
            _PROMPT,
            f"    return {_TURN} + encode(messages, tokenizer)\n",
        ),
        "chat_prompt_only_role": (_PROMPT, f"    return {_TURN}\n"),
        "chat_prompt_last_only": (_PROMPT, _PROMPT.replace("(messages", "(messages[-1:]")),
        "chat_prompt_first_only": (_PROMPT, _PROMPT.replace("(messages", "(messages[:1]")),
        "chat_prompt_question_lost": (_PROMPT, _PROMPT.replace("(messages", "(messages[:-1]")),
        "chat_prompt_users_only": (
            _PROMPT,
            '    asked = [one for one in messages if one["role"] == "user"]\n'
            f"{_PROMPT.replace('(messages', '(asked')}",
        ),
        "chat_prompt_one_message": (_PROMPT, _PROMPT.replace("(messages", "(messages[-1]")),
        "chat_prompt_nested": (_PROMPT, _PROMPT.replace(_TURN, f"[{_TURN}]")),
        "chat_prompt_pair": (_PROMPT, _PROMPT.replace(" +", ",")),
        "chat_prompt_text": (_PROMPT, _PROMPT.replace(_TURN, "[ASSISTANT]")),
        "chat_prompt_letters": (
            _PROMPT,
            _PROMPT.replace(_TURN, "tokenizer.encode_ordinary(ASSISTANT)"),
        ),
        "chat_prompt_refused": (_PROMPT, _PROMPT.replace(_TURN, "tokenizer.encode(ASSISTANT)")),
        "chat_prompt_twice": (_PROMPT, _PROMPT.replace(_TURN, f"{_TURN} * 2")),
        "chat_prompt_spaces": (
            _PROMPT,
            _PROMPT.replace(_TURN, f'{_TURN} + tokenizer.encode_ordinary(" ")'),
        ),
        "chat_prompt_line": (
            _PROMPT,
            _PROMPT.replace(_TURN, f'{_TURN} + tokenizer.encode_ordinary("\\n")'),
        ),
        "chat_prompt_fixed": (_PROMPT, _PROMPT.replace(_TURN, "[257]")),
        "chat_prompt_toy": (_PROMPT, _PROMPT.replace("[tokenizer.", "[toy.")),
        "chat_prompt_tensor": (
            _PROMPT,
            _PROMPT.replace("encode(", "torch.tensor(encode(").replace("]]", "]])"),
        ),
        "chat_prompt_returned_append": (
            _PROMPT,
            "    ids = encode(messages, tokenizer)\n"
            "    return ids.append(tokenizer.special_tokens[ASSISTANT])\n",
        ),
        "chat_prompt_not_kept": (
            _PROMPT,
            f"    ids = encode(messages, tokenizer)\n    ids + {_TURN}\n    return ids\n",
        ),
        "chat_prompt_messages_changed": (
            _PROMPT,
            '    messages.append({"role": "assistant", "content": ""})\n'
            "    return encode(messages, tokenizer)[:-1]\n",
        ),
        "chat_prompt_id_added": (_PROMPT, _PROMPT.replace("[tok", "tok").replace("]]", "]")),
        "chat_prompt_role_key": (_PROMPT, _PROMPT.replace("ASSISTANT", '"assistant"')),
        "chat_prompt_whole_text": (
            _PROMPT,
            '    text = "".join(ROLES[m["role"]] + m["content"] + END for m in messages)\n'
            '    return tokenizer.encode(text + ASSISTANT, allowed_special="all")\n',
        ),
    },
    "encode_with_mask": {
        "chat_mask_on_role": (_MASK, "        mask += [counts] * len(new)\n"),
        "chat_mask_not_on_end": (
            _MASK,
            "        mask += [0] + [counts] * (len(new) - 2) + [0]\n",
        ),
        "chat_mask_role_not_end": (_MASK, "        mask += [counts] * (len(new) - 1) + [0]\n"),
        "chat_mask_on_user": (_MASK, "        mask += [0] + [1] * (len(new) - 1)\n"),
        "chat_mask_on_all": (_MASK, "        mask += [1] * len(new)\n"),
        "chat_mask_none": (_COUNTS, '        counts = int(message["role"] == ASSISTANT)\n'),
        "chat_mask_inverted": (_COUNTS, '        counts = int(message["role"] == "user")\n'),
        "chat_mask_every_end": (_MASK, "        mask += [0] + [counts] * (len(new) - 2) + [1]\n"),
        "chat_mask_every_role": (_MASK, "        mask += [1] + [counts] * (len(new) - 1)\n"),
        "chat_mask_end_only": (_MASK, "        mask += [0] * (len(new) - 1) + [counts]\n"),
        "chat_mask_first_word_lost": (
            _MASK,
            "        mask += ([0, 0] + [counts] * (len(new) - 2))[:len(new)]\n",
        ),
        "chat_mask_shifted": (_MASKED, "    return ids, mask[1:] + [0]\n"),
        "chat_mask_shifted_on": (_MASKED, "    return ids, [0] + mask[:-1]\n"),
        "chat_mask_last_only": (
            _COUNTS,
            "        last = message is messages[-1]\n"
            '        counts = int(message["role"] == "assistant" and last)\n',
        ),
        "chat_mask_first_only": (
            _COUNTS,
            f"{_COUNTS}        if 1 in mask:\n            counts = 0\n",
        ),
        "chat_mask_from_first_on": (
            _COUNTS,
            f"{_COUNTS}        if 1 in mask:\n            counts = 1\n",
        ),
        "chat_mask_after_role": (
            _LOOPED,
            f"{_PART}        ids += new\n"
            "    start = ids.index(tokenizer.special_tokens[ASSISTANT]) + 1\n"
            "    return ids, [0] * start + [1] * (len(ids) - start)\n",
        ),
        "chat_mask_length": (_MASK, "        mask += [counts] * (len(new) - 1)\n"),
        "chat_mask_length_words": (_MASK, "        mask += [counts] * (len(new) - 2)\n"),
        "chat_mask_letters": (
            _MASK,
            f"        mask += [0] + [counts] * (len({_WORDS}) + 1)\n",
        ),
        "chat_mask_one_a_message": (_MASK, "        mask.append(counts)\n"),
        "chat_mask_is_ids": (
            _MASK,
            "        mask += [0] + [token * counts for token in new[1:]]\n",
        ),
        "chat_mask_is_targets": (
            _MASK,
            "        mask += [-1] + [token if counts else -1 for token in new[1:]]\n",
        ),
        "chat_mask_minus_1": (
            _MASK,
            "        mask += [-1] + [1 if counts else -1] * (len(new) - 1)\n",
        ),
        "chat_mask_bools": (
            f"{_COUNTS}        ids += new\n{_MASK}",
            '        counts = message["role"] == "assistant"\n        ids += new\n'
            "        mask += [False] + [counts] * (len(new) - 1)\n",
        ),
        "chat_mask_alone": (_MASKED, "    return mask\n"),
        "chat_mask_ids_alone": (_MASKED, "    return ids\n"),
        "chat_mask_first": (_MASKED, "    return mask, ids\n"),
        "chat_mask_tensors": (_MASKED, "    return torch.tensor(ids), torch.tensor(mask)\n"),
        "chat_mask_nested": (_MASK, "        mask.append([0] + [counts] * (len(new) - 1))\n"),
        "chat_mask_ids_nested": (
            f"        ids += new\n{_MASK}",
            f"        ids.append(new)\n{_MASK}",
        ),
        "chat_mask_returned_at_once": (f"{_MASK}{_MASKED}", f"{_MASK}    {_MASKED}"),
        "chat_mask_list_anew": (_MASK, _MASK.replace("+=", "=")),
        "chat_mask_by_token": (
            _LOOPED,
            f"{_PART}        ids += new\n"
            '    said = [m["content"] for m in messages if m["role"] == "assistant"]\n'
            '    said = tokenizer.encode_ordinary("".join(said))\n'
            "    said.append(tokenizer.special_tokens[END])\n"
            "    return ids, [int(token in said) for token in ids]\n",
        ),
        "chat_mask_empty_answer": (
            _COUNTS,
            '        counts = int(message["role"] == "assistant" and bool(message["content"]))\n',
        ),
        "chat_mask_with_prompt": (
            _MASKED,
            f"    return ids + {_TURN}, mask + [0]\n",
        ),
        "chat_mask_typed": (
            _PART,
            f"        new = [tokenizer.special_tokens[ROLES[message['role']]]]\n"
            f'        new += tokenizer.encode({_WORDS}, allowed_special="all")\n'
            "        new += [tokenizer.special_tokens[END]]\n",
        ),
        "chat_mask_typed_refused": (
            _PART,
            f"        new = [tokenizer.special_tokens[ROLES[message['role']]]]\n"
            f"        new += tokenizer.encode({_WORDS})\n"
            "        new += [tokenizer.special_tokens[END]]\n",
        ),
        "chat_mask_no_end": (
            f"        ids += new\n{_MASK}",
            f"        new = new[:-1]\n        ids += new\n{_MASK}",
        ),
        "chat_mask_one_message": (_PART, "        new = encode(message, tokenizer)\n"),
        "chat_mask_answers_alone": (
            f"        ids += new\n{_MASK}",
            f"        if not counts:\n            continue\n        ids += new\n{_MASK}",
        ),
    },
    "inputs_and_targets": {
        "chat_x_not_cut": (_X, "    x = ids\n"),
        "chat_x_masked": (_X, "    x = torch.where(mask[:-1] == 1, ids[:-1], -1)\n"),
        "chat_x_masked_0": (_X, "    x = ids[:-1] * mask[:-1]\n"),
        "chat_x_shifted": (_X, "    x = ids[1:]\n"),
        "chat_y_mask_not_shifted": (_Y, _Y.replace("mask[1:]", "mask[:-1]")),
        "chat_y_not_shifted": (_Y, _Y.replace("[1:]", "[:-1]")),
        "chat_y_ids_not_shifted": (_Y, _Y.replace("ids[1:]", "ids[:-1]")),
        "chat_y_no_mask": (_Y, "    y = ids[1:]\n"),
        "chat_y_zero": (_Y, _Y.replace("-1)", "0)")),
        "chat_y_hundred": (_Y, _Y.replace("-1)", "-100)")),
        "chat_y_inverted": (_Y, _Y.replace("== 1", "== 0")),
        "chat_y_filtered": (_Y, "    y = ids[1:][mask[1:] == 1]\n"),
        "chat_y_is_mask": (_Y, "    y = mask[1:]\n"),
        "chat_y_backwards": (
            f"{_X}{_Y}",
            "    x = ids[1:]\n    y = torch.where(mask[:-1] == 1, ids[:-1], -1)\n",
        ),
        "chat_y_minus_mask": (_Y, _Y.replace("-1)", "-ids[1:])")),
        "chat_y_id_0_lost": (
            _Y,
            "    y = ids[1:] * mask[1:]\n    y = torch.where(y == 0, -1, y)\n",
        ),
        "chat_y_length": (_Y, "    y = torch.where(mask == 1, ids, -1)\n"),
        "chat_y_rolled": (_Y, "    y = torch.where(mask.roll(-1) == 1, ids.roll(-1), -1)\n"),
        "chat_y_last_lost": (
            _XY,
            "    x = ids[:-2]\n"
            "    y = torch.where(mask[1:-1] == 1, ids[1:-1], -1)\n"
            "    return x, y\n",
        ),
        "chat_y_first_word_lost": (_Y, _Y.replace("mask[1:]", "mask[1:] * mask[:-1]")),
        "chat_y_from_first_on": (
            _Y,
            "    y = torch.where(mask[1:].cumsum(0) > 0, ids[1:], -1)\n",
        ),
        "chat_y_end_lost": (
            _Y,
            f"{_Y}    y = torch.where(y == toy.special_tokens[END], -1, y)\n",
        ),
        "chat_pair_swapped": ("    return x, y\n", "    return y, x\n"),
        "chat_pair_floats": (_LISTS, _LISTS.replace("(ids)", "(ids, dtype=torch.float32)")),
        "chat_pair_small": (_LISTS, _LISTS.replace("(ids)", "(ids, dtype=torch.int32)")),
        "chat_pair_axis": ("    return x, y\n", "    return x[None], y[None]\n"),
        "chat_pair_stacked": ("    return x, y\n", "    return torch.stack((x, y))\n"),
        "chat_pair_as_lists": ("    return x, y\n", "    return x.tolist(), y.tolist()\n"),
        "chat_pair_alone": ("    return x, y\n", "    return y\n"),
        "chat_pair_changed": (
            f"{_LISTS}{_X}",
            "    first = ids.pop(0)\n    mask.pop(0)\n"
            "    x = torch.tensor([first, *ids[:-1]])\n"
            "    ids, mask = torch.tensor([first, *ids]), torch.tensor([0, *mask])\n",
        ),
        "chat_pair_one_memory": (_Y, "    y = ids[1:]\n    y[mask[1:] == 0] = -1\n"),
        "chat_pair_lists": (_LISTS, "    ids = torch.tensor(ids)\n"),
        "chat_pair_sizes": (_Y, "    y = torch.where(mask == 1, ids[1:], -1)\n"),
        "chat_pair_no_tensor": (_LISTS, ""),
        "chat_y_in_a_loop": (
            _Y,
            "    y = ids[1:].clone()\n    for t in range(len(y)):\n"
            "        if mask[t] == 0:\n            y[t] = -1\n",
        ),
    },
    "collate": {
        "chat_x_fill": (_XB, _XB.replace("pad_id)", "0)")),
        "chat_x_fill_minus_1": (_XB, _XB.replace("pad_id)", "-1)")),
        "chat_y_fill": (_YB, _YB.replace("-1", "pad_id")),
        "chat_y_fill_0": (_YB, _YB.replace("-1", "0")),
        "chat_y_fill_hundred": (_YB, _YB.replace("-1", "-100")),
        "chat_fills_swapped": (
            f"{_XB}{_YB}",
            f"{_XB.replace('pad_id)', '-1)')}{_YB.replace('-1', 'pad_id')}",
        ),
        "chat_pad_left": (
            f"{_ROW_X}{_ROW_Y}",
            "        xb[row, longest - len(x):] = x\n        yb[row, longest - len(y):] = y\n",
        ),
        "chat_pad_left_x": (_ROW_X, "        xb[row, longest - len(x):] = x\n"),
        "chat_pad_left_y": (_ROW_Y, "        yb[row, longest - len(y):] = y\n"),
        "chat_batch_cut": (
            f"{_LONGEST}{_XB}{_YB}{_FILLED}",
            "    longest = min(len(x) for x, _ in pairs)\n"
            "    xb = torch.stack([x[:longest] for x, _ in pairs])\n"
            "    yb = torch.stack([y[:longest] for _, y in pairs])\n",
        ),
        "chat_batch_cut_to_first": (
            f"{_LONGEST}{_XB}{_YB}{_FILLED}",
            f"    longest = len(pairs[0][0])\n{_XB}{_YB}{_ROWS}"
            "        x, y = x[:longest], y[:longest]\n"
            f"{_ROW_X}{_ROW_Y}",
        ),
        "chat_batch_first_is_longest": (_LONGEST, "    longest = len(pairs[0][0])\n"),
        "chat_batch_longest_pair": (_LONGEST, "    longest = max(len(pair) for pair in pairs)\n"),
        "chat_batch_swapped": (_BATCH, "    return yb, xb\n"),
        "chat_batch_transposed": (_BATCH, "    return xb.t(), yb.t()\n"),
        "chat_batch_pad_sequence": (
            _COLLATED,
            "    pad = torch.nn.utils.rnn.pad_sequence\n"
            "    xb = pad([x for x, _ in pairs], padding_value=pad_id)\n"
            "    yb = pad([y for _, y in pairs], padding_value=-1)\n    return xb, yb\n",
        ),
        "chat_batch_pads_with_0": (
            _COLLATED,
            "    pad = torch.nn.utils.rnn.pad_sequence\n"
            "    xb = pad([x for x, _ in pairs], batch_first=True)\n"
            "    yb = pad([y for _, y in pairs], batch_first=True)\n    return xb, yb\n",
        ),
        "chat_batch_one_more": (_LONGEST, f"{_LONGEST}    longest += 1\n"),
        "chat_batch_eights": (_LONGEST, f"{_LONGEST}    longest = (longest + 7) // 8 * 8\n"),
        "chat_batch_sorted": (
            _LONGEST,
            f"    pairs = sorted(pairs, key=lambda pair: len(pair[0]), reverse=True)\n{_LONGEST}",
        ),
        "chat_pairs_changed": (
            _LONGEST,
            f"    pairs.sort(key=lambda pair: len(pair[0]))\n{_LONGEST}",
        ),
        "chat_pairs_padded": (
            _COLLATED,
            f"{_LONGEST}    for row, (x, y) in enumerate(pairs):\n"
            "        more = longest - len(x)\n"
            "        pairs[row] = (\n"
            "            torch.nn.functional.pad(x, (0, more), value=pad_id),\n"
            "            torch.nn.functional.pad(y, (0, more), value=-1),\n        )\n"
            "    return tuple(torch.stack(part) for part in zip(*pairs))\n",
        ),
        "chat_batch_not_filled": (
            _COLLATED,
            "    xb = torch.stack([x for x, _ in pairs])\n"
            "    yb = torch.stack([y for _, y in pairs])\n    return xb, yb\n",
        ),
        "chat_batch_one_row": (
            _COLLATED,
            "    xb = torch.cat([x for x, _ in pairs])\n"
            "    yb = torch.cat([y for _, y in pairs])\n    return xb, yb\n",
        ),
        "chat_batch_as_lists": (_BATCH, "    return xb.tolist(), yb.tolist()\n"),
        "chat_batch_alone": (_BATCH, "    return xb\n"),
        "chat_batch_stacked": (_BATCH, "    return torch.stack((xb, yb))\n"),
        "chat_batch_floats": (_XB, "    xb = torch.ones(len(pairs), longest) * pad_id\n"),
        "chat_batch_y_floats": (_YB, "    yb = -torch.ones(len(pairs), longest)\n"),
        "chat_pad_is_a_word": (_BATCH, f"    yb[xb == pad_id] = -1\n{_BATCH}"),
        "chat_end_is_pad": (_BATCH, f"    yb[yb == pad_id] = -1\n{_BATCH}"),
        "chat_batch_last_pair_lost": (_ROWS, _ROWS.replace("(pairs)", "(pairs[:-1])")),
        "chat_batch_last_id_lost": (
            f"{_ROW_X}{_ROW_Y}",
            "        xb[row, : len(x) - 1] = x[:-1]\n        yb[row, : len(y) - 1] = y[:-1]\n",
        ),
        "chat_batch_y_is_x": (_ROW_Y, "        yb[row, : len(y)] = x\n"),
        "chat_batch_x_is_y": (_ROW_X, "        xb[row, : len(x)] = y\n"),
        "chat_batch_unpack": (_ROWS, "    for row, x, y in enumerate(pairs):\n"),
        "chat_batch_whole_row": (_ROW_X, "        xb[row] = x\n"),
        "chat_batch_not_zipped": (
            _COLLATED,
            "    xs, ys = pairs\n"
            "    pad = torch.nn.utils.rnn.pad_sequence\n"
            "    return pad(xs, True, pad_id), pad(ys, True, -1)\n",
        ),
    },
    "masked_loss": {
        "chat_loss_mean_of_all": (_MEAN, "    return -found.sum() / targets.numel()\n"),
        "chat_loss_sum": (_MEAN, "    return -found.sum()\n"),
        "chat_loss_mean_of_rows": (
            _NATS,
            f"{_COUNTED}    losses = torch.nn.functional.cross_entropy(\n"
            '        logits.transpose(1, 2), targets.clamp(min=0), reduction="none"\n    )\n'
            "    means = (losses * counts).sum(1) / counts.sum(1).clamp(min=1)\n"
            "    return means.mean()\n",
        ),
        "chat_loss_by_rows": (_MEAN, "    return -found.sum() / len(targets)\n"),
        "chat_loss_by_T": (_MEAN, "    return -found.sum() / targets.shape[1]\n"),
        "chat_loss_none_counts": (_MEAN, "    return -found.mean()\n"),
        "chat_loss_ignore_index": (
            _NATS,
            "    return torch.nn.functional.cross_entropy(\n"
            "        logits.flatten(0, 1), targets.flatten(), ignore_index=-1\n    )\n",
        ),
        "chat_loss_minus_1": (
            _NATS,
            "    return torch.nn.functional.cross_entropy(\n"
            "        logits.flatten(0, 1), targets.flatten()\n    )\n",
        ),
        "chat_loss_gathers_minus_1": (
            f"{_LOGS}{_FOUND}",
            "    log_probs = torch.log_softmax(logits, dim=-1)\n"
            "    found = log_probs.gather(-1, targets.unsqueeze(-1))[counts]\n",
        ),
        "chat_loss_minus_1_counts": (_COUNTED, "    counts = targets == targets\n"),
        "chat_loss_minus_1_is_last": (
            _NATS,
            "    B, T = targets.shape\n"
            "    log_probs = torch.log_softmax(logits, dim=-1).reshape(B * T, -1)\n"
            "    return -log_probs[torch.arange(B * T), targets.flatten()].mean()\n",
        ),
        "chat_loss_minus_1_is_0": (
            _NATS,
            "    targets = targets.clamp(min=0)\n"
            "    return torch.nn.functional.cross_entropy(\n"
            "        logits.flatten(0, 1), targets.flatten()\n    )\n",
        ),
        "chat_loss_not_flat": (
            _NATS,
            "    return torch.nn.functional.cross_entropy(logits, targets, ignore_index=-1)\n",
        ),
        "chat_loss_view": (
            _NATS,
            f"{_COUNTED}    losses = torch.nn.functional.cross_entropy(\n"
            "        logits.view(-1, logits.shape[-1]), targets.view(-1),\n"
            '        ignore_index=-1, reduction="sum",\n    )\n'
            "    return losses / counts.sum().clamp(min=1)\n",
        ),
        "chat_loss_places_mixed": (
            _NATS,
            f"{_COUNTED}    losses = torch.nn.functional.cross_entropy(\n"
            "        logits.transpose(0, 1).flatten(0, 1), targets.flatten(),\n"
            '        ignore_index=-1, reduction="sum",\n    )\n'
            "    return losses / counts.sum().clamp(min=1)\n",
        ),
        "chat_loss_classes_mixed": (
            _NATS,
            f"{_COUNTED}    B, T, V = logits.shape\n"
            "    losses = torch.nn.functional.cross_entropy(\n"
            '        logits.reshape(B, V, T), targets, ignore_index=-1, reduction="sum"\n'
            "    )\n    return losses / counts.sum().clamp(min=1)\n",
        ),
        "chat_loss_sign": (_MEAN, _MEAN.replace("-found", "found")),
        "chat_loss_bits": (_MEAN, _MEAN.replace("sum()", "sum() / 0.6931471805599453")),
        "chat_loss_perplexity": (
            _MEAN,
            "    return (-found.sum() / max(1, len(found))).exp()\n",
        ),
        "chat_loss_softmax_twice": (
            _LOGS,
            _LOGS.replace("logits[counts]", "torch.softmax(logits[counts], dim=-1)"),
        ),
        "chat_loss_wrong_axis": (
            _LOGS,
            "    log_probs = torch.log_softmax(logits, dim=1)[counts]\n",
        ),
        "chat_loss_over_batch": (
            _LOGS,
            "    log_probs = torch.log_softmax(logits, dim=0)[counts]\n",
        ),
        "chat_loss_over_counted": (_LOGS, _LOGS.replace("dim=-1", "dim=0")),
        "chat_loss_odds": (_LOGS, _LOGS.replace("log_softmax", "softmax")),
        "chat_loss_log_of_mean": (
            f"{_LOGS}{_FOUND}{_MEAN}",
            f"{_LOGS.replace('log_softmax', 'softmax')}{_FOUND}"
            "    return -torch.log(found.sum() / max(1, len(found)))\n",
        ),
        "chat_loss_no_log_softmax": (_LOGS, "    log_probs = logits[counts]\n"),
        "chat_loss_by_exp": (
            _LOGS,
            "    powers = torch.exp(logits[counts])\n"
            "    log_probs = torch.log(powers / powers.sum(dim=-1, keepdim=True))\n",
        ),
        "chat_loss_epsilon": (
            _LOGS,
            "    log_probs = torch.log(torch.softmax(logits[counts], dim=-1) + 1e-4)\n",
        ),
        "chat_loss_id_0": (_COUNTED, _COUNTED.replace("!= -1", "> 0")),
        "chat_loss_only_id_0_out": (
            _NATS,
            _NATS.replace("!= -1", "!= 0").replace(
                "targets[counts]", "targets[counts].clamp(min=0)"
            ),
        ),
        "chat_loss_item": (_MEAN, "    return -found.sum().item() / max(1, len(found))\n"),
        "chat_loss_no_graph": (_MEAN, _MEAN.replace("found.sum()", "found.sum().detach()")),
        "chat_loss_new_tensor": (
            _MEAN,
            "    return torch.tensor(-found.sum().item() / max(1, len(found)))\n",
        ),
        "chat_loss_not_averaged": (_MEAN, "    return -found.squeeze(-1)\n"),
        "chat_loss_each_place": (
            _NATS,
            "    return torch.nn.functional.cross_entropy(\n"
            '        logits.transpose(1, 2), targets, ignore_index=-1, reduction="none"\n'
            "    )\n",
        ),
        "chat_loss_keeps_axis": (
            _MEAN,
            "    return -found.sum(dim=0) / max(1, len(found))\n",
        ),
        "chat_loss_axes": (_FOUND, _FOUND.replace(".unsqueeze(-1)", "")),
        "chat_targets_changed": (
            _NATS,
            "    counts = targets != -1\n    targets[~counts] = 0\n"
            "    log_probs = torch.log_softmax(logits, dim=-1)\n"
            "    found = log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)\n"
            "    return -(found * counts).sum() / counts.sum().clamp(min=1)\n",
        ),
        "chat_loss_shifted": (
            _COUNTED,
            f"    logits, targets = logits[:, :-1], targets[:, 1:]\n{_COUNTED}",
        ),
        "chat_loss_first_row": (
            _COUNTED,
            f"    logits, targets = logits[:1], targets[:1]\n{_COUNTED}",
        ),
        "chat_loss_inverted": (_COUNTED, _COUNTED.replace("!=", "==")),
        "chat_loss_nonzero": (
            _MEAN,
            "    return -found.sum() / (found != 0).sum().clamp(min=1)\n",
        ),
    },
    "train_step": {
        "chat_step_no_zero_grad": (_LEARN, f"{_BACK}{_STEP}"),
        "chat_step_zero_between": (_LEARN, f"{_BACK}{_ZERO}{_STEP}"),
        "chat_step_no_backward": (_LEARN, f"{_ZERO}{_STEP}"),
        "chat_step_no_step": (_LEARN, f"{_ZERO}{_BACK}"),
        "chat_step_twice": (_LEARN, f"{_LEARN}{_STEP}"),
        "chat_step_before_backward": (_LEARN, f"{_ZERO}{_STEP}{_BACK}"),
        "chat_step_own_optimizer": (
            _LEARN,
            f"    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)\n{_LEARN}",
        ),
        "chat_step_fresh_optimizer": (
            _LEARN,
            f"    optimizer = type(optimizer)(model.parameters(), **optimizer.defaults)\n{_LEARN}",
        ),
        "chat_step_by_hand": (
            _LEARN,
            "    model.zero_grad()\n    loss.backward()\n    with torch.no_grad():\n"
            "        for p in model.parameters():\n"
            '            p -= optimizer.param_groups[0]["lr"] * p.grad\n',
        ),
        "chat_step_evaluates": (_TRAIN, "    model.eval()\n"),
        "chat_step_mode_left": (_TRAIN, ""),
        "chat_step_eval_after": (_ITEM, f"    model.eval()\n{_ITEM}"),
        "chat_step_train_late": (
            f"{_TRAIN}{_CALL}",
            f"{_CALL}{_TRAIN}",
        ),
        "chat_step_no_graph": (
            _CALL,
            "    with torch.no_grad():\n        logits, _ = model(xb, yb)\n",
        ),
        "chat_step_detached": (_LOSS, "    loss = masked_loss(logits.detach(), yb)\n"),
        "chat_step_tensor": (_ITEM, "    return loss\n"),
        "chat_step_tensor_alone": (_ITEM, "    return loss.detach()\n"),
        "chat_step_list": (_ITEM, "    return [loss.item()]\n"),
        "chat_step_nothing": (_ITEM, ""),
        "chat_step_loss_after": (
            _ITEM,
            "    return masked_loss(model(xb, yb)[0], yb).item()\n",
        ),
        "chat_step_item": (_LOSS, "    loss = masked_loss(logits, yb).item()\n"),
        "chat_step_all_count": (
            _LOSS,
            "    every = logits.flatten(0, 1), yb.clamp(min=0).flatten()\n"
            "    loss = torch.nn.functional.cross_entropy(*every)\n",
        ),
        "chat_step_inputs_learnt": (_LOSS, "    loss = masked_loss(logits, xb)\n"),
        "chat_step_summed": (
            _LOSS,
            "    loss = masked_loss(logits, yb) * (yb != -1).sum()\n",
        ),
        "chat_step_by_rows": (_LOSS, "    loss = masked_loss(logits, yb) / len(xb)\n"),
        "chat_step_up": (_BACK, "    (-loss).backward()\n"),
        "chat_step_pair": (f"{_CALL}{_LOSS}", "    loss = model(xb, yb)\n"),
        "chat_step_scores_learnt": (
            f"{_CALL}{_LOSS}",
            "    loss, _ = model(xb, yb)\n",
        ),
        "chat_step_no_targets": (_CALL, "    logits, _ = model(xb)\n"),
        "chat_step_last_place": (
            f"{_CALL}{_LOSS}",
            "    logits, _ = model(xb)\n    loss = masked_loss(logits, yb[:, -1:])\n",
        ),
        "chat_step_loss_of_none": (
            f"{_CALL}{_LOSS}",
            "    _, loss = model(xb)\n",
        ),
        "chat_step_swapped": (_CALL, "    logits, _ = model(yb.clamp(min=0), yb)\n"),
        "chat_step_shifted": (
            f"{_CALL}{_LOSS}",
            "    logits, _ = model(xb, yb)\n    loss = masked_loss(logits[:, :-1], yb[:, 1:])\n",
        ),
        "chat_step_clipped": (
            _BACK,
            f"{_BACK}    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)\n",
        ),
        "chat_step_copy": (
            _TRAIN,
            f"    import copy\n    model = copy.deepcopy(model)\n{_TRAIN}",
        ),
        "chat_step_row_by_row": (
            f"{_CALL}{_LOSS}{_LEARN}{_ITEM}",
            f"{_ZERO}    total = 0.0\n    for x, y in zip(xb, yb):\n"
            "        logits, _ = model(x[None], y[None])\n"
            "        loss = masked_loss(logits, y[None])\n"
            "        loss.backward()\n        total += loss.item() / len(xb)\n"
            f"{_STEP}    return total\n",
        ),
        "chat_step_targets_changed": (
            _LOSS,
            "    loss = masked_loss(logits, yb)\n    yb[yb == -1] = 0\n",
        ),
    },
    "fit": {
        "chat_fit_half_a_turn": (_CUT, "        kept = kept[1:]\n"),
        "chat_fit_half_a_turn_to_one": (
            f"{_ENOUGH}{_CUT}",
            f"{_ENOUGH.replace('> 2', '> 1')}        kept = kept[1:]\n",
        ),
        "chat_fit_newest_first": (_CUT, "        kept = kept[:-2]\n"),
        "chat_fit_newest_singly": (_CUT, "        kept = kept[:-1]\n"),
        "chat_fit_role_forgotten": (_ENOUGH, _ENOUGH.replace("prompt(", "encode(")),
        "chat_fit_one_less": (_ENOUGH, _ENOUGH.replace("> room", ">= room")),
        "chat_fit_once": (f"{_ENOUGH}{_CUT}", f"{_ENOUGH.replace('while', 'if')}{_CUT}"),
        "chat_fit_only_last": (
            _KEPT,
            "    if len(prompt(messages, tokenizer)) > room:\n"
            "        return messages[-1:]\n    return messages\n",
        ),
        "chat_fit_always_last": (_KEPT, "    return messages[-1:]\n"),
        "chat_fit_nothing_cut": (_KEPT, "    return messages\n"),
        "chat_fit_result_lost": (_CUT, "        kept[2:]\n        break\n"),
        "chat_fit_text": (
            _ENOUGH,
            '    while len(kept) > 2 and sum(len(m["content"]) for m in kept) > room:\n',
        ),
        "chat_fit_words": (
            _ENOUGH,
            '    while len(kept) > 2 and sum(len(m["content"].split()) for m in kept) > room:\n',
        ),
        "chat_fit_bytes": (
            _ENOUGH,
            "    while len(kept) > 2 and room < 1 + sum(\n"
            '        2 + len(m["content"].encode()) for m in kept\n    ):\n',
        ),
        "chat_fit_counts_messages": (
            _ENOUGH,
            "    while len(kept) > 2 and len(kept) > room:\n",
        ),
        "chat_fit_words_without_marks": (
            _ENOUGH,
            "    while len(kept) > 2 and room < sum(\n"
            '        len(tokenizer.encode_ordinary(m["content"])) for m in kept\n    ):\n',
        ),
        "chat_fit_asked_alone": (
            _ENOUGH,
            "    while len(kept) > 2 and len(prompt(kept[:2], tokenizer)) > room:\n",
        ),
        "chat_fit_measured_once": (
            f"{_ENOUGH}{_CUT}",
            "    size = len(prompt(messages, tokenizer))\n"
            "    while len(kept) > 2 and size > room:\n        kept = kept[2:]\n",
        ),
        "chat_fit_none_left": (
            _ENOUGH,
            _ENOUGH.replace("len(kept) > 2", "len(kept) > 0"),
        ),
        "chat_fit_empty": (_ENOUGH, _ENOUGH.replace("len(kept) > 2 and ", "")),
        "chat_fit_too_long_is_empty": (
            _KEPT,
            f"{_KEPT.replace('    return kept', '    if len(prompt(kept, tokenizer)) > room:')}"
            "        return []\n    return kept\n",
        ),
        "chat_fit_a_turn_stays": (_ENOUGH, _ENOUGH.replace("> 2", "> 3")),
        "chat_fit_changed": (_CUT, "        del kept[:2]\n"),
        "chat_fit_popped": (
            f"{_ENOUGH}{_CUT}",
            f"{_ENOUGH.replace('kept', 'messages')}        messages.pop(0)\n"
            "        messages.pop(0)\n    kept = messages\n",
        ),
        "chat_fit_backwards": (f"{_CUT}    return kept\n", f"{_CUT}    return kept[::-1]\n"),
        "chat_fit_ids": (f"{_CUT}    return kept\n", f"{_CUT}    return prompt(kept, tokenizer)\n"),
        "chat_fit_cut_ids": (_KEPT, "    return prompt(messages, tokenizer)[-room:]\n"),
        "chat_fit_one_message": (
            f"{_CUT}    return kept\n",
            f"{_CUT}    return kept[-1] if len(kept) < 2 else kept\n",
        ),
        "chat_fit_texts": (
            f"{_CUT}    return kept\n",
            f'{_CUT}    return [m["content"] for m in kept]\n',
        ),
        "chat_fit_two_turns": (_CUT, "        kept = kept[4:] or kept[2:]\n"),
        "chat_fit_longest_first": (
            _CUT,
            "        sizes = [len(prompt(kept[n : n + 2], tokenizer))\n"
            "                 for n in range(0, len(kept) - 1, 2)]\n"
            "        n = 2 * sizes.index(max(sizes))\n"
            "        kept = kept[:n] + kept[n + 2 :]\n",
        ),
        "chat_fit_gaps": (
            _KEPT,
            "    kept = messages[-1:]\n"
            "    for n in range(len(messages) - 3, -1, -2):\n"
            "        more = messages[n : n + 2] + kept\n"
            "        if len(prompt(more, tokenizer)) <= room:\n            kept = more\n"
            "    return kept\n",
        ),
        "chat_fit_answers_lost": (
            _CUT,
            '        kept = [m for m in kept if m["role"] == "user"]\n        break\n',
        ),
        "chat_fit_words_cut": (
            f"{_CUT}    return kept\n",
            f"{_CUT}    if len(prompt(kept, tokenizer)) > room:\n"
            '        kept = [{"role": "user", "content": kept[-1]["content"][:room]}]\n'
            "    return kept\n",
        ),
        "chat_fit_last_lost": (f"{_CUT}    return kept\n", f"{_CUT}    return kept[:-1] or kept\n"),
        "chat_fit_toy": (_ENOUGH, _ENOUGH.replace("tokenizer", "toy")),
        "chat_fit_room_order": (_ENOUGH, _ENOUGH.replace("tokenizer", "room")),
        "chat_fit_pair": (
            f"{_CUT}    return kept\n",
            f"{_CUT}    return kept, prompt(kept, tokenizer)\n",
        ),
    },
    "turn": {
        "chat_turn_no_crop": (_SEEN, "        seen = torch.tensor([ids + new])\n"),
        "chat_turn_crop_prompt": (
            _SEEN,
            "        seen = torch.tensor([ids[-model.config.block_size:] + new])\n",
        ),
        "chat_turn_crop_first": (
            _SEEN,
            _SEEN.replace("[-model.config.block_size:]", "[:model.config.block_size]"),
        ),
        "chat_turn_last_only": (_SEEN, _SEEN.replace("-model.config.block_size", "-1")),
        "chat_turn_crop_less": (
            _SEEN,
            _SEEN.replace("-model.config.block_size", "1 - model.config.block_size"),
        ),
        "chat_turn_crop_one_more": (
            _SEEN,
            _SEEN.replace("-model.config.block_size", "-model.config.block_size - 1"),
        ),
        "chat_turn_crop_fixed": (_SEEN, _SEEN.replace("model.config.block_size", "8")),
        "chat_turn_crop_once": (
            f"    new = []\n{_ROUNDS}{_SEEN}",
            "    new = []\n    given = (ids + [0])[-model.config.block_size - 1:-1]\n"
            f"{_ROUNDS}        seen = torch.tensor([(given + new)[:model.config.block_size]])\n",
        ),
        "chat_turn_block_name": (_SEEN, _SEEN.replace("model.config.", "model.")),
        "chat_turn_padded": (
            _SEEN,
            f"{_SEEN}        more = model.config.block_size - seen.shape[1]\n"
            "        seen = torch.nn.functional.pad(seen, (more, 0))\n",
        ),
        "chat_turn_end_kept": (f"{_STOP}{_APPEND}", f"{_APPEND}{_STOP}"),
        "chat_turn_prompt_too": (f"{_APPEND}{_SAID}", f"{_APPEND}    return ids + new\n"),
        "chat_turn_end_ignored": (_STOP, ""),
        "chat_turn_end_cut_out": (_STOP, "        if token == end_id:\n            continue\n"),
        "chat_turn_end_filtered": (
            f"{_STOP}{_APPEND}{_SAID}",
            f"{_APPEND}    return [token for token in new if token != end_id]\n",
        ),
        "chat_turn_end_in_prompt": (
            _SEEN,
            f"        if end_id in ids + new:\n            break\n{_SEEN}",
        ),
        "chat_turn_cut_at_end_of_all": (
            _TOLD,
            f"{_APPEND}    whole = ids + new\n"
            "    if end_id in whole:\n        whole = whole[:whole.index(end_id)]\n"
            "    return whole[len(ids):]\n",
        ),
        "chat_turn_stops_behind_end": (
            _SEEN,
            f"        if (ids + new)[-1] == end_id:\n            break\n{_SEEN}",
        ),
        "chat_turn_end_forbidden": (
            _TOKEN,
            f"        logits[:, end_id] = -torch.inf\n{_TOKEN}",
        ),
        "chat_turn_end_fixed": (_STOP, _STOP.replace("end_id", "toy.special_tokens[END]")),
        "chat_turn_one_token": (f"{_APPEND}{_SAID}", f"{_APPEND}    {_SAID}"),
        "chat_turn_nothing": (f"{_STOP}{_APPEND}", _STOP),
        "chat_turn_count": (_ROUNDS, _ROUNDS.replace("tokens)", "tokens - 1)")),
        "chat_turn_one_more": (_ROUNDS, _ROUNDS.replace("tokens)", "tokens + 1)")),
        "chat_turn_count_with_prompt": (
            _ROUNDS,
            "    while len(ids + new) < max_new_tokens:\n",
        ),
        "chat_turn_count_to_block": (
            _ROUNDS,
            "    room = model.config.block_size - len(ids)\n"
            "    for _ in range(min(max_new_tokens, room)):\n",
        ),
        "chat_turn_falsy": (_STOP, "        if not token or token == end_id:\n            break\n"),
        "chat_turn_last_lost": (f"{_APPEND}{_SAID}", f"{_APPEND}    return new[:-1]\n"),
        "chat_turn_empty_at_end": (_STOP, "        if token == end_id:\n            return []\n"),
        "chat_turn_backwards": (_APPEND, "        new.insert(0, token)\n"),
        "chat_turn_same_again": (_SEEN, _SEEN.replace("(ids + new)", "ids")),
        "chat_turn_trains": (
            "    new = []\n    for _ in range",
            "    model.train()\n    new = []\n    for _ in range",
        ),
        "chat_turn_cold_draw": (
            _TOKEN,
            _TOKEN.replace("temperature, ", "temperature or 0.8, "),
        ),
        "chat_turn_cut": (_SAID, "    return new[: model.config.block_size]\n"),
        "chat_turn_only_new_seen": (_SEEN, _SEEN.replace("(ids + new)", "(new or ids)")),
        "chat_turn_no_top_k": (_TOKEN, _TOKEN.replace("top_k, ", "")),
        "chat_turn_top_k_fixed": (_TOKEN, _TOKEN.replace("top_k, ", "20, ")),
        "chat_turn_no_generator": (_TOKEN, _TOKEN.replace(", generator=generator", "")),
        "chat_turn_reseeds": (
            "    new = []\n    for _ in range",
            "    torch.manual_seed(1337)\n    new = []\n    for _ in range",
        ),
        "chat_turn_new_generator": (
            "    new = []\n    for _ in range",
            "    generator = torch.Generator().manual_seed(1337)\n    new = []\n    for _ in range",
        ),
        "chat_turn_generator_reset": (
            "    new = []\n    for _ in range",
            "    if generator is not None:\n"
            "        generator.manual_seed(generator.initial_seed())\n"
            "    new = []\n    for _ in range",
        ),
        "chat_turn_generator_reset_each": (
            _TOKEN,
            "        if generator is not None:\n"
            f"            generator.manual_seed(generator.initial_seed())\n{_TOKEN}",
        ),
        "chat_turn_no_draw": (_TOKEN, "        token = logits.argmax().item()\n"),
        "chat_turn_no_temperature": (
            _TOKEN,
            _TOKEN.replace("temperature,", "1.0 if temperature else 0,"),
        ),
        "chat_turn_cold": (_TOKEN, _TOKEN.replace("temperature, ", "0, ")),
        "chat_turn_cool_is_cold": (_TOKEN, _TOKEN.replace("temperature,", "int(temperature),")),
        "chat_turn_temperature_times": (
            _TOKEN,
            _TOKEN.replace("temperature,", "1 / temperature if temperature else 0,"),
        ),
        "chat_turn_twice": (
            _TOKEN,
            f"        if temperature:\n            logits = logits / temperature\n{_TOKEN}",
        ),
        "chat_turn_choose": (
            _TOKEN,
            "        token = choose(logits, top_k, temperature, generator=generator).item()\n",
        ),
        "chat_turn_zero": (
            _TOKEN,
            _BY_HAND.replace(
                "        if temperature == 0:\n            token = logits.argmax().item()\n"
                "        else:\n",
                "        if True:\n",
            ),
        ),
        "chat_turn_zeroed": (_TOKEN, _BY_HAND.replace("-torch.inf", "0.0")),
        "chat_turn_too_many_asked": (
            _TOKEN,
            _BY_HAND.replace("min(top_k, logits.shape[-1])", "top_k"),
        ),
        "chat_turn_top_k_none": (
            _TOKEN,
            _BY_HAND.replace("            if top_k is not None:\n", "            if True:\n"),
        ),
        "chat_turn_top_k_one_more": (_TOKEN, _BY_HAND.replace("logits < least", "logits <= least")),
        "chat_turn_not_odds": (
            _TOKEN,
            _BY_HAND.replace("            odds = logits.softmax(-1)\n", "").replace(
                "(odds", "(logits"
            ),
        ),
        "chat_turn_divided_after": (
            _TOKEN,
            _BY_HAND.replace("            logits = logits / temperature\n", "").replace(
                "logits.softmax(-1)", "logits.softmax(-1) / temperature"
            ),
        ),
        "chat_turn_softmax_twice": (_TOKEN, _TOKEN.replace("(logits", "(logits.softmax(-1)")),
        "chat_turn_tensor": (f"{_APPEND}{_SAID}", f"{_APPEND}    return torch.tensor(new)\n"),
        "chat_turn_tensors": (_TOKEN, _TOKEN.replace(".item()", "[0, 0]")),
        "chat_turn_nested": (_TOKEN, _TOKEN.replace(".item()", ".tolist()")),
        "chat_turn_text": (
            f"{_APPEND}{_SAID}",
            f'{_APPEND}    return " ".join(map(str, new))\n',
        ),
        "chat_turn_changed": (
            f"    new = []\n{_ROUNDS}{_SEEN}{_SCORES}{_TOKEN}{_TOLD}",
            f"    start = len(ids)\n{_ROUNDS}{_SEEN.replace('(ids + new)', 'ids')}{_SCORES}"
            f"{_TOKEN}{_STOP}        ids.append(token)\n    return ids[start:]\n",
        ),
        "chat_turn_pair": (_SCORES, _SCORES.replace("[0][:, -1]", "[:, -1]")),
        "chat_turn_ids_shape": (
            _SEEN,
            "        seen = torch.tensor(\n            (ids + new)[-model.config.block_size:])\n",
        ),
        "chat_turn_squeezed": (_SCORES, _SCORES.replace("[0][:, -1]", "[0][0, -1]")),
        "chat_turn_many_scores": (_SCORES, _SCORES.replace("[0][:, -1]", "[0]")),
    },
    "score": {
        "chat_score_one_number": (_PARTIAL, f"    return {_F1}\n"),
        "chat_score_partial_alone": (_SCORED, f"{_SPLIT}{_SHARED}    return {_F1}\n"),
        "chat_score_bool": (_SAME, _SAME.replace("1.0, 1.0", "True, 1.0")),
        "chat_score_whole": (_SAME, _SAME.replace("1.0, 1.0", "1, 1")),
        "chat_score_whole_0": (_PARTIAL, _PARTIAL.replace("0.0,", "0,")),
        "chat_score_lists": (
            _SHARED,
            _SHARED.replace("Counter(said) & Counter(asked)", "said & asked").replace(
                ".values()", ""
            ),
        ),
        "chat_score_empty": (_SAME, "    if said == asked and said:\n        return 1.0, 1.0\n"),
        "chat_score_empty_0": (
            _SAME,
            f"    if not said and not asked:\n        return 0.0, 0.0\n{_SAME}",
        ),
        "chat_score_empty_1": (
            _SAME,
            f"    if not said or not asked:\n        return 1.0, 1.0\n{_SAME}",
        ),
        "chat_score_nothing_asked": (
            _SAME,
            f"    if not asked:\n        return 1.0, 1.0\n{_SAME}",
        ),
        "chat_score_case": (_SPLIT, _SPLIT.replace(".lower()", "")),
        "chat_score_case_of_one": (_SPLIT, _SPLIT.replace("found.lower()", "found")),
        "chat_score_case_of_exact": (
            _SAME,
            _SAME.replace("said == asked", "found.split() == wanted.split()"),
        ),
        "chat_score_case_of_partial": (
            _SHARED,
            _SHARED.replace("(said)", "(found.split())").replace("(asked)", "(wanted.split())"),
        ),
        "chat_score_spaces": (
            _SAME,
            _SAME.replace("said == asked", "found.lower() == wanted.lower()"),
        ),
        "chat_score_split_at_space": (_SPLIT, _SPLIT.replace("split()", 'split(" ")')),
        "chat_score_order": (
            _SAME,
            _SAME.replace("said == asked", "sorted(said) == sorted(asked)"),
        ),
        "chat_score_sets": (
            f"{_SHARED}{_PARTIAL}",
            f"    said, asked = set(said), set(asked)\n    shared = len(said & asked)\n{_PARTIAL}",
        ),
        "chat_score_shared_sets": (_SHARED, "    shared = len(set(said) & set(asked))\n"),
        "chat_score_jaccard": (
            f"{_SHARED}{_PARTIAL}",
            "    said, asked = set(said), set(asked)\n"
            "    return 0.0, len(said & asked) / max(1, len(said | asked))\n",
        ),
        "chat_score_precision": (_PARTIAL, _PARTIAL.replace(_F1, "shared / max(1, len(said))")),
        "chat_score_recall": (_PARTIAL, _PARTIAL.replace(_F1, "shared / max(1, len(asked))")),
        "chat_score_longer": (
            _PARTIAL,
            _PARTIAL.replace(_F1, "shared / max(len(said), len(asked))"),
        ),
        "chat_score_shorter": (
            _PARTIAL,
            _PARTIAL.replace(_F1, "shared / max(1, min(len(said), len(asked)))"),
        ),
        "chat_score_mean_of_both": (
            _PARTIAL,
            _PARTIAL.replace(_F1, "(shared / max(1, len(said)) + shared / max(1, len(asked))) / 2"),
        ),
        "chat_score_counted_in": (_SHARED, "    shared = sum(word in asked for word in said)\n"),
        "chat_score_counted_in_asked": (
            _SHARED,
            "    shared = sum(word in said for word in asked)\n",
        ),
        "chat_score_larger_count": (_SHARED, _SHARED.replace("&", "|")),
        "chat_score_place_by_place": (
            _SHARED,
            "    shared = sum(a == b for a, b in zip(said, asked))\n",
        ),
        "chat_score_letters": (
            _SHARED,
            "    said, asked = found.lower(), wanted.lower()\n"
            "    if not said + asked:\n        return 0.0, 0.0\n"
            f"{_SHARED}",
        ),
        "chat_score_half": (_PARTIAL, _PARTIAL.replace("2 * ", "")),
        "chat_score_swapped": (_PARTIAL, f"    return {_F1}, 0.0\n"),
        "chat_score_is_count": (_PARTIAL, "    return 0.0, float(shared)\n"),
        "chat_score_exact_twice": (f"{_SHARED}{_PARTIAL}", "    return 0.0, 0.0\n"),
        "chat_score_all_or_nothing": (
            _PARTIAL,
            "    return 0.0, float(shared > 0)\n",
        ),
        "chat_score_percent": (
            f"{_SAME}{_SHARED}{_PARTIAL}",
            f"{_SAME.replace('1.0, 1.0', '100.0, 100.0')}{_SHARED}"
            f"{_PARTIAL.replace('2 *', '200 *')}",
        ),
        "chat_score_rounded": (_PARTIAL, f"    return 0.0, round({_F1}, 1)\n"),
        "chat_score_part_of": (
            _SAME,
            _SAME.replace("said == asked", 'asked and " ".join(asked) in " ".join(said)'),
        ),
        "chat_score_all_there": (
            _SAME,
            "    if said == asked:\n        return 1.0, 1.0\n"
            "    if asked and set(asked) <= set(said):\n        return 1.0, 1.0\n",
        ),
        "chat_score_points_lost": (
            _SPLIT,
            "    said, asked = (\n"
            '        "".join(c for c in text.lower() if c.isalnum() or c.isspace()).split()\n'
            "        for text in (found, wanted)\n    )\n",
        ),
        "chat_score_exact_has_no_partial": (_SAME, _SAME.replace("1.0, 1.0", "1.0, 0.0")),
        "chat_score_exact_never": (
            _SCORED,
            f"{_SPLIT}    if not said + asked:\n        return 1.0, 1.0\n{_SHARED}{_PARTIAL}",
        ),
    },
}

# Numbers in the list of known bugs -> ids.
BUGS = {
    68: ("chat_typed_is_special", "chat_typed_whole", "chat_mask_typed"),
    9: ("chat_loss_sum", "chat_step_summed"),
    8: ("chat_loss_softmax_twice", "chat_turn_softmax_twice"),
    12: ("chat_step_no_zero_grad",),
    13: ("chat_step_zero_between",),
    79: ("chat_step_tensor",),
    84: ("chat_turn_temperature_times",),
    85: ("chat_turn_zero",),
    90: ("chat_turn_no_crop", "chat_turn_crop_prompt"),
    91: ("chat_turn_end_kept", "chat_turn_end_in_prompt", "chat_turn_end_fixed"),
    107: ("chat_turn_no_crop", "chat_turn_crop_one_more"),
    108: ("chat_mask_on_user", "chat_mask_on_all", "chat_y_no_mask"),
    109: ("chat_y_mask_not_shifted", "chat_mask_shifted"),
    110: ("chat_end_is_pad", "chat_pad_is_a_word", "chat_y_end_lost", "chat_mask_not_on_end"),
    111: ("chat_no_end", "chat_end_of_questions", "chat_end_between"),
    112: ("chat_prompt_no_role", "chat_prompt_spaces", "chat_prompt_line", "chat_prompt_ended"),
    113: ("chat_fit_cut_ids", "chat_fit_words_cut", "chat_fit_half_a_turn"),
}

# Two ways to the same thing to say: id -> key of the sentence.
SAME_CAUSE = {
    "chat_typed_whole": "chat_typed_is_special",
    "chat_end_as_text": "chat_marks_as_text",
    "chat_other_tokenizer_used": "chat_bytes",
    "chat_all_as_text": "chat_marks_as_text",
    "chat_end_fixed": "chat_ids_fixed",
    "chat_end_between": "chat_last_end_missing",
    "chat_words_in_ids": "chat_text_in_ids",
    "chat_decoded": "chat_text_in_ids",
    "chat_prompt_end_only": "chat_prompt_ended",
    "chat_prompt_letters": "chat_prompt_text",
    "chat_prompt_not_kept": "chat_prompt_no_role",
    "chat_prompt_tensor": "chat_tensor",
    "chat_prompt_messages_changed": "chat_messages_changed",
    "chat_prompt_id_added": "chat_id_added",
    "chat_prompt_role_key": "chat_role_key",
    "chat_prompt_whole_text": "chat_typed_is_special",
    "chat_prompt_line": "chat_line_breaks",
    "chat_prompt_toy": "chat_ids_fixed",
    "chat_prompt_fixed": "chat_ids_fixed",
    "chat_prompt_one_message": "chat_one_message",
    "chat_mask_shifted_on": "chat_mask_shifted",
    "chat_mask_after_role": "chat_mask_from_first_on",
    "chat_mask_length_words": "chat_mask_length",
    "chat_mask_one_a_message": "chat_mask_length",
    "chat_mask_is_targets": "chat_mask_is_ids",
    "chat_mask_ids_alone": "chat_mask_alone",
    "chat_mask_tensors": "chat_tensor",
    "chat_mask_nested": "chat_nested",
    "chat_mask_ids_nested": "chat_nested",
    "chat_mask_typed": "chat_typed_is_special",
    "chat_mask_typed_refused": "chat_typed_refused",
    "chat_mask_no_end": "chat_no_end",
    "chat_mask_one_message": "chat_one_message",
    "chat_mask_with_prompt": "chat_prompt_too_soon",
    "chat_mask_returned_at_once": "chat_first_only",
    "chat_x_masked_0": "chat_x_masked",
    "chat_y_rolled": "chat_y_length",
    "chat_y_in_a_loop": "chat_y_mask_not_shifted",
    "chat_pair_no_tensor": "chat_pair_lists",
    "chat_x_fill_minus_1": "chat_x_fill",
    "chat_y_fill_0": "chat_y_fill",
    "chat_y_fill_hundred": "chat_y_fill",
    "chat_pad_left_x": "chat_pad_left_one",
    "chat_pad_left_y": "chat_pad_left_one",
    "chat_batch_cut_to_first": "chat_batch_cut",
    "chat_batch_pad_sequence": "chat_batch_transposed",
    "chat_batch_eights": "chat_batch_length",
    "chat_batch_as_lists": "chat_pair_as_lists",
    "chat_batch_y_floats": "chat_batch_floats",
    "chat_pairs_padded": "chat_pairs_changed",
    "chat_loss_ignore_index": "chat_loss_none_counts",
    "chat_loss_gathers_minus_1": "chat_loss_minus_1",
    "chat_loss_minus_1_counts": "chat_loss_minus_1",
    "chat_loss_minus_1_is_last": "chat_loss_minus_1_counts",
    "chat_loss_places_mixed": "chat_loss_mixed",
    "chat_loss_classes_mixed": "chat_loss_mixed",
    "chat_loss_over_counted": "chat_loss_wrong_axis",
    "chat_loss_by_exp": "soft_overflow",
    "chat_loss_item": "chat_loss_number",
    "chat_loss_new_tensor": "chat_loss_no_graph",
    "chat_loss_each_place": "chat_loss_not_averaged",
    "chat_step_no_zero_grad": "no_zero_grad",
    "chat_step_zero_between": "zero_grad_before_step",
    "chat_step_no_backward": "no_backward",
    "chat_step_no_step": "no_step",
    "chat_step_twice": "two_steps",
    "chat_step_before_backward": "step_before_backward",
    "chat_step_fresh_optimizer": "chat_step_own_optimizer",
    "chat_step_mode_left": "chat_step_evaluates",
    "chat_step_train_late": "chat_step_evaluates",
    "chat_step_eval_after": "chat_step_left_in_eval",
    "chat_step_detached": "chat_step_no_graph",
    "chat_step_tensor_alone": "chat_step_tensor",
    "chat_step_loss_after": "loss_after_step",
    "chat_step_up": "ascent",
    "chat_fit_half_a_turn_to_one": "chat_fit_half_a_turn",
    "chat_fit_newest_singly": "chat_fit_newest_first",
    "chat_fit_always_last": "chat_fit_only_last",
    "chat_fit_measured_once": "chat_fit_only_last",
    "chat_fit_result_lost": "chat_fit_nothing_cut",
    "chat_fit_empty": "chat_fit_emptied",
    "chat_fit_too_long_is_empty": "chat_fit_none_left",
    "chat_fit_popped": "chat_fit_changed",
    "chat_fit_cut_ids": "chat_fit_ids",
    "chat_fit_toy": "chat_fit_bytes",
    "chat_turn_crop_prompt": "chat_turn_no_crop",
    "chat_turn_crop_fixed": "chat_turn_config",
    "chat_turn_block_name": "chat_turn_config",
    "chat_turn_crop_once": "chat_turn_crop_first",
    "chat_turn_end_filtered": "chat_turn_end_cut_out",
    "chat_turn_cut_at_end_of_all": "chat_turn_end_of_prompt",
    "chat_turn_end_fixed": "chat_turn_end_ignored",
    "chat_turn_one_more": "chat_turn_count",
    "chat_turn_new_generator": "chat_turn_reseeds",
    "chat_turn_generator_reset": "chat_turn_reseeds",
    "chat_turn_generator_reset_each": "chat_turn_reseeds",
    "chat_turn_cold": "chat_turn_no_draw",
    "chat_turn_too_many_asked": "chat_turn_top_k_large",
    "chat_turn_top_k_one_more": "chat_turn_top_k_one_less",
    "chat_turn_divided_after": "chat_turn_no_temperature",
    "chat_turn_tensors": "chat_turn_tensor",
    "chat_score_partial_alone": "chat_score_one_number",
    "chat_score_bool": "chat_score_type",
    "chat_score_whole": "chat_score_type",
    "chat_score_whole_0": "chat_score_type",
    "chat_score_empty_0": "chat_score_empty",
    "chat_score_empty_1": "chat_score_empty",
    "chat_score_nothing_asked": "chat_score_empty",
    "chat_score_case_of_one": "chat_score_case",
    "chat_score_case_of_exact": "chat_score_case",
    "chat_score_case_of_partial": "chat_score_case",
    "chat_score_split_at_space": "chat_score_spaces",
    "chat_score_shared_sets": "chat_score_sets",
    "chat_score_counted_in_asked": "chat_score_counted_in",
    "chat_score_larger_count": "chat_score_counted_in",
    "chat_score_all_there": "chat_score_part_of",
    "chat_score_exact_has_no_partial": "chat_score_partial",
    "chat_score_exact_never": "chat_score_exact",
}

# Also run in a real kernel, and compared.
BOTH_WAYS = {
    "chat_no_end",
    "chat_y_no_mask",
    "chat_loss_mean_of_all",
    "chat_step_no_zero_grad",
    "chat_fit_empty",
    "chat_turn_end_in_prompt",
}

MISTAKES = catalogue.mistakes(WRONG, bugs=BUGS, same_cause=SAME_CAUSE, both_ways=BOTH_WAYS)

# item -> the input, zeros, a constant, a part of it: answers without thought.
_NO_THOUGHT = {
    "encode": (
        "return messages",
        "return [0] * len(messages)",
        "return [256, 72, 105, 258]",
        "return tokenizer.encode_ordinary(messages[0]['content'])",
    ),
    "prompt": (
        "return messages",
        "return [0]",
        "return [256, 72, 105, 258, 257]",
        "return encode(messages, tokenizer)",
    ),
    "encode_with_mask": (
        "return messages, tokenizer",
        "return [0] * 9, [0] * 9",
        "return [256, 72, 105, 258, 257, 89, 258], [0, 0, 0, 0, 0, 1, 1]",
        "ids = encode(messages, tokenizer)\nreturn ids, [1] * len(ids)",
    ),
    "inputs_and_targets": (
        "return ids, mask",
        "return torch.zeros(len(ids) - 1, dtype=torch.long), "
        "torch.zeros(len(ids) - 1, dtype=torch.long)",
        "x = torch.tensor(ids[:-1])\nreturn x, torch.full_like(x, -1)",
        "return torch.tensor(ids[:-1]), torch.tensor(ids[1:])",
    ),
    "collate": (
        "return pairs",
        "return torch.zeros(len(pairs), 5, dtype=torch.long), "
        "torch.zeros(len(pairs), 5, dtype=torch.long)",
        "T = max(len(x) for x, _ in pairs)\n"
        "return torch.full((len(pairs), T), pad_id), torch.full((len(pairs), T), -1)",
        "return pairs[0][0][None], pairs[0][1][None]",
    ),
    "masked_loss": (
        "return logits",
        "return logits.sum() * 0",
        "return torch.tensor(1.5)",
        "return logits.mean()",
    ),
    "train_step": (
        "return xb",
        "return 0.0",
        "return 2.639",
        "return model(xb, yb)[1].item()",
    ),
    "fit": ("return messages", "return []", "return 1", "return messages[-1:]"),
    "turn": (
        "return ids",
        "return [0] * max_new_tokens",
        "return []",
        "return ids[:max_new_tokens]",
    ),
    "score": (
        "return found, wanted",
        "return 0.0, 0.0",
        "return 1.0, 1.0",
        "return float(found == wanted), float(found in wanted)",
    ),
}

LAZY = catalogue.lazy(_NO_THOUGHT)
