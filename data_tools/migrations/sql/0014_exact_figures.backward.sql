DROP FUNCTION data_tools_row_deviation(double precision[]);
DROP FUNCTION data_tools_row_mean(double precision[]);
