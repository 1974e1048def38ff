"""All 80 cases of the catalogue of bad inputs: where each is tried, or why it cannot be yet."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent.parent

#: The case and a test that tries it. Those of this folder have the case's number in the names of their rows.
TRIED = {
    1: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    2: "test_a_name_that_cannot_be_read_is_refused",
    3: "test_a_name_that_cannot_be_read_is_refused",
    4: "test_a_name_that_cannot_be_read_is_refused",
    5: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    6: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    7: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    8: "test_a_name_that_cannot_be_read_is_refused",
    9: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    10: "test_a_name_that_cannot_be_read_is_refused",
    11: "test_json_is_no_form",
    12: "test_a_body_that_is_not_utf_8_is_refused",
    13: "test_two_ways_to_write_an_umlaut_are_one_name",
    14: "test_searching_people_does_not_mind_capitals_on_either_database",
    15: "test_searching_people_does_not_mind_capitals_on_either_database",
    16: "test_an_unusual_name_is_kept_and_shown_as_it_is",
    17: "test_in_csv_what_looks_like_a_formula_has_an_apostrophe_before_it",
    18: "test_in_xlsx_every_cell_is_text",
    19: "test_an_unusual_address_is_written_to",
    20: "test_an_unusual_address_is_written_to",
    21: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    22: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    23: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    24: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    25: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    26: "test_a_field_that_comes_twice_is_refused_and_not_guessed_at",
    27: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    28: "test_what_is_no_address_of_ours_to_write_to_is_refused_at_once",
    30: "test_an_event_that_cannot_be_is_refused",
    31: "test_on_the_wire_there_are_only_short_ascii_lines_that_end_with_crlf",
    32: "test_a_request_for_another_host_is_refused",
    33: "test_nobody_is_sent_on_to_another_site",
    34: "test_an_event_that_cannot_be_is_refused",
    35: "test_an_event_that_cannot_be_is_refused",
    37: "test_json_is_no_form",
    38: "test_json_is_no_form",
    39: "test_an_event_that_cannot_be_is_refused",
    41: "test_the_missing_hour_is_refused_with_what_is_probably_meant",
    42: "test_an_event_that_cannot_be_is_refused",
    43: "test_an_event_over_the_change_of_clocks_is_as_long_as_it_is",
    44: "test_an_event_that_cannot_be_is_refused",
    45: "test_an_event_that_cannot_be_is_refused",
    46: "test_an_event_that_cannot_be_is_refused",
    47: "test_nobody_registers_after_the_beginning",
    48: "test_a_stale_form_shows_again_what_was_typed_but_not_to_another_site",
    49: "test_a_stale_form_shows_again_what_was_typed_but_not_to_another_site",
    50: "test_other_methods_than_those_of_a_page_are_refused",
    51: "test_fields_that_nobody_asked_for_are_ignored",
    52: "test_what_is_not_ones_own_looks_like_what_is_not_there",
    53: "test_what_is_too_large_is_not_even_read",
    55: "test_markup_in_an_event_s_text_is_taken_out_or_shown_as_text",
    56: "test_deeply_nested_text_is_shown_in_little_time",
    57: "test_nothing_in_the_query_breaks_a_page",
    60: "test_a_file_in_place_of_a_text_is_refused",
    62: "test_a_table_is_read_row_by_row_and_says_what_it_could_not_read",
    64: "test_five_thousand_rows_are_read_and_no_more",
    65: "test_a_victim_gets_three_mails_a_day_whatever_strangers_register_it_for",
    66: "test_what_fits_to_nothing_is_left_for_a_person",
    67: "test_what_is_not_proved_changes_nothing_and_the_person_is_asked",
    68: "test_whatever_is_sent_reading_it_ends_soon_and_well",
    69: "test_a_title_cannot_break_out_of_its_line_in_calendars",
    70: "test_a_mail_without_an_answer_is_sorted_and_never_answered",
    71: "test_many_levels_are_not_even_begun",
    72: "test_a_moment_far_ahead_says_nothing",
    73: "test_a_mail_without_an_answer_is_sorted_and_never_answered",
    74: "test_a_mail_without_an_answer_is_sorted_and_never_answered",
    78: "test_a_damaged_link_leads_to_a_friendly_page_that_tells_nothing",
    80: "test_known_and_unknown_addresses_cannot_be_told_apart",
}
NOT_YET = {
    "bounces": {29, 75},
    "groups": {36},
    "rooms and speakers": {40},
    "slow clients, which the front server cuts off": {54},
    "uploads": {58, 59, 61, 63},
    "lists and their mail": {76, 77},
    "passwords": {79},
}


def test_every_case_is_tried_or_cannot_be_yet():
    waiting = set().union(*NOT_YET.values())

    assert sorted([*TRIED, *waiting]) == list(range(1, 81))


def test_what_is_said_to_try_a_case_is_there():
    there = {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }

    assert set(TRIED.values()) - there == set()
