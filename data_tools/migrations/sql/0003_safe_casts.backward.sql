DROP FUNCTION data_tools_text_to_integer(text);
DROP FUNCTION data_tools_text_to_float(text);
DROP FUNCTION data_tools_text_to_boolean(text);
DROP FUNCTION data_tools_text_to_datetime(text);
DROP FUNCTION data_tools_text_to_date(text);
DROP FUNCTION data_tools_float_to_integer(double precision);
DROP FUNCTION data_tools_integer_to_float(bigint);
