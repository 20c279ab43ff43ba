DROP FUNCTION data_tools_shown_row(text, integer, bigint);
