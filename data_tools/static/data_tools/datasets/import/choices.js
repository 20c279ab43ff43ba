// What can be chosen of the reading options, and what applies to which kind of file. The words are
// in the messages, under `option.…`.

/** Usual encodings of files, by the name that the service knows them under. */
export const ENCODINGS = [
  ["utf-8", "UTF-8"],
  ["cp1252", "Windows-1252, Western European"],
  ["latin-1", "ISO 8859-1, Western European"],
  ["iso8859-15", "ISO 8859-15, with the euro"],
  ["cp1250", "Windows-1250, Central European"],
  ["cp1251", "Windows-1251, Cyrillic"],
  ["koi8-r", "KOI8-R, Cyrillic"],
  ["cp1253", "Windows-1253, Greek"],
  ["cp1254", "Windows-1254, Turkish"],
  ["cp1255", "Windows-1255, Hebrew"],
  ["cp1256", "Windows-1256, Arabic"],
  ["shift_jis", "Shift JIS, Japanese"],
  ["euc-jp", "EUC-JP, Japanese"],
  ["gb18030", "GB 18030, Chinese"],
  ["big5", "Big5, Chinese"],
  ["euc-kr", "EUC-KR, Korean"],
  ["utf-16", "UTF-16"],
  ["cp437", "DOS, 437"],
  ["mac-roman", "Mac Roman"],
];

export const DELIMITERS = [",", ";", "\t", "|", "^", "~"];
export const QUOTES = ['"', "'", ""];
export const ESCAPES = ["", "\\"];
export const DECIMALS = [".", ","];
export const THOUSANDS = ["", ",", ".", "'", "’", " ", "_"];
export const TYPES = ["integer", "float", "text", "boolean", "date", "datetime"];

/** The options of each kind of file. */
export const OPTIONS_OF = {
  csv: {
    first: ["encoding", "delimiter", "header_row", "decimal", "thousands", "null_values", "trim"],
    more: ["quote", "escape", "comment", "skip_rows", "skip_footer", "ragged", "bad_bytes"],
  },
  workbook: {
    first: ["sheet", "header_row", "null_values", "trim"],
    more: ["skip_rows", "skip_footer"],
  },
  json: { first: ["encoding", "header_row", "null_values", "trim"], more: ["ragged", "bad_bytes"] },
  parquet: { first: [], more: [] },
};
