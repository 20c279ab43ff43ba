// Made from the API's OpenAPI description by `npm run api-types`.

export interface paths {
    "/api/account/usage/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the user keeps and may keep, and what takes up the most room
         * @description `free_with` is the request that makes room.
         */
        get: operations["get_account_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/token/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The user's valid tokens, newest first */
        get: operations["get_auth_token"];
        put?: never;
        /**
         * A token for programs, for a user name and a password
         * @description Each call gives another token, and only this answer has its text. After too many failed attempts the answer is 429, counted by account and by where they come from.
         */
        post: operations["post_auth_token"];
        /** End the token that the request is sent with */
        delete: operations["delete_auth_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/token/{token_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of the user's tokens */
        delete: operations["delete_auth_token_token_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/token/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange the token that the request is sent with for another one
         * @description The new token has the old one's name and lifetime. The old one works for some more minutes: a program whose answer was lost can ask again with it, until the new token is used.
         */
        post: operations["post_auth_token_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The user's datasets, newest first */
        get: operations["get_datasources"];
        put?: never;
        /** Upload a file; it becomes a dataset in the background */
        post: operations["post_datasources"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{datasource_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One dataset: how far it has come, and what was found in its file */
        get: operations["get_datasources_datasource_id"];
        put?: never;
        post?: never;
        /** Delete a dataset, its rows and its file */
        delete: operations["delete_datasources_datasource_id"];
        options?: never;
        head?: never;
        /**
         * Give a dataset another name
         * @description Several datasets may have the same one.
         */
        patch: operations["patch_datasources_datasource_id"];
        trace?: never;
    };
    "/api/datasources/{datasource_id}/file/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Another file for a dataset: its next revision, once it is loaded */
        post: operations["post_datasources_datasource_id_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/{datasource_id}/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete the ended sessions of a dataset for good
         * @description They can no longer be recovered. An open session stays. The dataset may already have been deleted.
         */
        delete: operations["delete_datasources_datasource_id_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/datasources/preview/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How a file would be read, with its first rows; stores nothing
         * @description `file` is the whole file or, with `is_head`, the beginning of a text file. A file that would be refused is answered with the `error` and, where possible, with rows.
         */
        post: operations["post_datasources_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The user's sessions on all datasets that can still be recovered, last used first
         * @description Open ones, and ended ones for the retention time; also those whose dataset was deleted. Never writes and never reads rows.
         */
        get: operations["get_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/columns/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each column holds: enough to draw a filter panel
         * @description Of the session, or without one of the dataset. Measured once and kept. If there are too many columns for one answer, ask for a few at a time.
         */
        get: operations["get_columns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/columns/{column}/histogram/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A column's histogram, counted among the rows that a filter finds
         * @description Its edges are those of all rows. Of numbers, dates and datetimes; columns of other types are refused.
         */
        get: operations["get_columns_column_histogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/columns/{column}/values/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A column's values that contain a text, with their counts
         * @description The name is percent-encoded, a slash as %2F. With `filter`, of the rows it finds.
         */
        get: operations["get_columns_column_values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/columns/histogram/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same for a column that no path can name: by `column` or by `key` */
        get: operations["get_columns_histogram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/columns/values/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same for a column that no path can name: by `column` or by `key` */
        get: operations["get_columns_values"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/data/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One page of the session's rows
         * @description All pages together are exactly the rows, once each. Missing values sort last either way, ties by row number.
         */
        get: operations["get_data"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/data/cell/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One cell, whole
         * @description A page shows only the beginning of a long text, and lists it in `shortened_cells`. `row` is the row's place, from 1, among the rows that the same filter and order show. The column is given by `column` or by `key`.
         */
        get: operations["get_data_cell"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/export/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The session's rows, or the dataset's where there is no session, as a file
         * @description Streamed. `X-Total-Rows` says how many rows the whole file has; what breaks off has no last chunk. `delimiter`, `encoding` and `bom` are for CSV. A character that the encoding lacks, and what does not fit into a sheet, is refused before the file begins.
         */
        get: operations["get_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/nan/analysis/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the session's values are missing */
        get: operations["get_nan_analysis"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/nan/quick-clean/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take away the columns without any value, then the rows with a missing one.
         * @description The body may also be a form; its fields are then `true` or `false`.
         */
        post: operations["post_nan_quick_clean"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/operations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every operation, its parameters as JSON Schema */
        get: operations["get_operations"];
        put?: never;
        /** Apply any operation by its name */
        post: operations["post_operations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/activity/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record what the client saw: a batch of views and errors, each once
         * @description All of a batch or nothing. Also read as `text/plain`, for `navigator.sendBeacon`.
         */
        post: operations["post_session_activity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/apply-recipe/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Apply what fits of a recipe, or say with `dry_run` what would */
        post: operations["post_session_apply_recipe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/change-column-type/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turn a column's values into another type. */
        post: operations["post_session_change_column_type"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/changes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed between two versions */
        get: operations["get_session_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/clear/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the session away; it stays recoverable for the retention time */
        post: operations["post_session_clear"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/column-statistics/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The figures of the session's columns, as existing clients read them */
        get: operations["get_session_column_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/events/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened in the session, in sentences, newest first
         * @description `next_cursor` is the `cursor` of the page behind, null at the end.
         */
        get: operations["get_session_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/fill-missing-values/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a value into the missing cells of columns. A mode's tie goes to the first value in sort order; a forward fill leaves what is missing before the first value. */
        post: operations["post_session_fill_missing_values"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/fork/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a new session with the work of any version
         * @description The open session is put away and stays recoverable.
         */
        post: operations["post_session_fork"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/initialize/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open the session, or go on with the one that is there
         * @description A paused or expired session goes on as it was left.
         */
        post: operations["post_session_initialize"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/pause/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the session aside; it does not expire */
        post: operations["post_session_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/recipe/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The session's operations as a portable recipe */
        get: operations["get_session_recipe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/recover/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring the session back, and answer all of it
         * @description Sent twice, it recovers once. `pending_operations` is what the browser did and never got an answer for: each is applied once, or returned with the reason why not.
         */
        post: operations["post_session_recover"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/redo/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put back what was undone last */
        post: operations["post_session_redo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/rename-column/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give one column another name. */
        post: operations["post_session_rename_column"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/reset/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go back to the dataset's own columns and values */
        post: operations["post_session_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/resume/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a paused session up again */
        post: operations["post_session_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/save/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the session's rows a dataset of its own; the session ends, recoverable
         * @description Both are one commit. A dataset of many rows is PROCESSING first.
         */
        post: operations["post_session_save"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/status/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The session and its first rows, as it stands or stood
         * @description With `at_version` or `session_id` it is only looked at: `read_only` is true.
         */
        get: operations["get_session_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/undo/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the last operation back */
        post: operations["post_session_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/session/validate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the session valid, what can be recovered, what to do next
         * @description Never writes and never reads rows.
         */
        get: operations["get_session_validate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/columns/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Rename, drop or duplicate columns */
        post: operations["post_transform_columns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/encoding/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Encode columns of text */
        post: operations["post_transform_encoding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/engineering/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make columns of numbers from others; `operation` as the method has it */
        post: operations["post_transform_engineering"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/imputation/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fill the missing cells of columns */
        post: operations["post_transform_imputation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/outliers/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cap outliers, or take their rows away */
        post: operations["post_transform_outliers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studio/{datasource_id}/transform/scaling/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Scale columns of numbers */
        post: operations["post_transform_scaling"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AppliedOperation: {
            /** Format: date-time */
            applied_at: string | null;
            cells_changed: number;
            operation: string;
            parameters: Record<string, unknown>;
            version: number;
        };
        Cleaned: {
            can_redo: boolean;
            can_undo: boolean;
            data: {
                data_changed: boolean;
                message: string;
                new_shape?: number[];
                original_shape?: number[];
                summary?: {
                    columns_dropped: string[];
                    columns_removed: number;
                    final_columns: number;
                    final_rows: number;
                    operations_performed: {
                        column_names?: string[];
                        columns_removed?: number;
                        operation: string;
                        rows_removed?: number;
                    }[];
                    original_columns: number;
                    original_rows: number;
                    rows_removed: number;
                };
            };
            operations_count: number;
            repeated: boolean;
            /** Format: date-time */
            saved_at: string | null;
            session_exists: boolean;
            /** @constant */
            success: true;
            version: number | null;
        };
        Column: {
            name: string;
            /** @enum {string} */
            type: "integer" | "float" | "text" | "boolean" | "date" | "datetime";
        };
        /**
         * ColumnType
         * @description The type of all values of a column.
         * @enum {unknown}
         */
        ColumnType: "boolean" | "date" | "datetime" | "float" | "integer" | "text";
        Datasource: {
            column_count: number;
            columns?: components["schemas"]["Column"][];
            /** Format: date-time */
            created_at: string;
            description: string;
            error_reason: string;
            fingerprint?: string;
            /** Format: uuid */
            id: string;
            ingest_report?: Record<string, unknown>;
            name: string;
            original_filename: string;
            /** Format: uuid */
            parent: string | null;
            progress: number;
            reading_options?: components["schemas"]["ReadingOptions"];
            recipe?: components["schemas"]["Recipe"] | null;
            restarts: number;
            reupload_failure?: Record<string, unknown> | null;
            revision: number;
            row_count: number;
            /** @enum {string} */
            status: "UPLOADING" | "PROCESSING" | "READY" | "ERROR";
        };
        Error: {
            code: string;
            details: Record<string, unknown>;
            message: string;
            recovery_actions: {
                action: string;
                href: string;
                label: string;
                method: string;
            }[];
            retryable: boolean;
            /** Format: date-time */
            timestamp: string;
            trace_id: string;
            user_message: string;
        };
        ErrorAnswer: {
            error: components["schemas"]["Error"];
            /** @constant */
            success: false;
        };
        FilePreview: {
            columns: {
                certainty: string | null;
                name: string;
                /** @enum {string} */
                type: "integer" | "float" | "text" | "boolean" | "date" | "datetime";
                why: string | null;
            }[];
            error: {
                code: string;
                details: Record<string, unknown>;
                reason: string;
                remedies: components["schemas"]["ReadingOptions"][];
            } | null;
            guesses: {
                [key: string]: {
                    certainty: string;
                    value: unknown;
                    why: string;
                };
            };
            ingest_report: Record<string, unknown>;
            is_partial: boolean;
            options: components["schemas"]["ReadingOptions"];
            rows: components["schemas"]["Row"][];
            rows_left_out?: number;
            rows_read: number;
            shortened_cells?: {
                characters: number;
                column: string;
                row: number;
            }[];
            warnings: string[];
        };
        Page: {
            columnDefs: string[];
            columns: components["schemas"]["Column"][];
            data: components["schemas"]["Row"][];
            latest_version?: number;
            page: number;
            pageSize: number;
            pagination: components["schemas"]["Pagination"];
            read_only?: boolean;
            row_numbers?: number[];
            rows_left_out?: number;
            /** Format: date-time */
            saved_at: string | null;
            /** Format: uuid */
            session_id?: string;
            shortened_cells?: {
                characters: number;
                column: string;
                row: number;
            }[];
            /** @constant */
            success: true;
            totalPages: number;
            totalRows: number;
            version: number | null;
        };
        Pagination: {
            filtered_rows: number;
            has_next: boolean;
            has_previous: boolean;
            page_number: number;
            page_size: number;
            total_pages: number;
            total_rows: number;
        };
        /** @description A row's cells by column name; a missing one is "". */
        PreviewRow: {
            [key: string]: string | number | boolean;
        };
        Problem: {
            code: string;
            detail: string;
            details?: Record<string, unknown>;
            instance: string;
            recovery_actions?: {
                action: string;
                href: string;
                label: string;
                method: string;
            }[];
            retryable?: boolean;
            status: number;
            /** Format: date-time */
            timestamp?: string;
            title: string;
            trace_id?: string;
            type: string;
            user_message?: string;
        };
        /**
         * ReadingColumnOptions
         * @description Options for one column: its type, how its dates are written, its name.
         */
        ReadingColumnOptions: {
            /**
             * @description How its dates or datetimes are written, in the letters of `strptime`: the format of a date, such as “%d.%m.%Y”.
             * @default null
             */
            date_format: string | null;
            /**
             * @description The name that the dataset's column gets in place of the written one: a name of 1 to 255 characters.
             * @default null
             */
            name: string | null;
            /**
             * @description The column's type: one of integer, float, text, boolean, date, datetime.
             * @default null
             */
            type: components["schemas"]["ColumnType"] | null;
        };
        /**
         * ReadingOptions
         * @description How a file is to be read. Whatever is left out, or null, is left to the service.
         */
        ReadingOptions: {
            /**
             * @description What happens to bytes that are not characters: the file is refused, or each becomes U+FFFD: “refuse” or “replace”.
             * @default refuse
             */
            bad_bytes: ("refuse" | "replace") | null;
            /**
             * @description Options for single columns: an object with an object for each column, by its name.
             * @default {}
             */
            columns: {
                [key: string]: components["schemas"]["ReadingColumnOptions"];
            } | null;
            /**
             * @description Lines that begin with this hold no record: at most 20 characters.
             * @default null
             */
            comment: string | null;
            /**
             * @description What stands before a number's fraction: “.” or “,”.
             * @default .
             */
            decimal: ("," | ".") | null;
            /**
             * @description What separates the fields of a CSV file: one character, or null to detect it.
             * @default null
             */
            delimiter: string | null;
            /**
             * @description The character encoding of a text file: the name of a character encoding, or null to detect it.
             * @default null
             */
            encoding: string | null;
            /**
             * @description What stands before a mark that belongs to a field: one character, “” if marks are doubled, or null to detect it.
             * @default null
             */
            escape: string | null;
            /** @description The line, or row of a sheet, with the columns' names, counted from 1 after the skipped ones: a whole number from 1 to 1,000,000, or null if there is no header. */
            header_row?: number | null;
            /**
             * @description The spellings of a missing value, in place of the usual ones: a list of at most 1,000 texts of at most 1,000 characters.
             * @default null
             */
            null_values: string[] | null;
            /**
             * @description The mark around fields that contain delimiters or line ends: one character, “” for none, or null to detect it.
             * @default null
             */
            quote: string | null;
            /**
             * @description What happens if a record has too few fields: the file is refused, or the rest is missing: “refuse” or “pad”.
             * @default refuse
             */
            ragged: ("pad" | "refuse") | null;
            /**
             * @description The sheet of a workbook: the name of a sheet, of at most 255 characters.
             * @default null
             */
            sheet: string | null;
            /**
             * @description How many records, or rows of a sheet, to leave out at the end: a whole number from 0 to 10,000.
             * @default 0
             */
            skip_footer: number | null;
            /**
             * @description How many lines, or rows of a sheet, to leave out at the top: a whole number from 0 to 1,000,000.
             * @default 0
             */
            skip_rows: number | null;
            /**
             * @description What stands between the groups of a number's digits: “,”, “.”, an apostrophe, a space, “_”, or “” for none.
             * @default
             */
            thousands: ("" | " " | "'" | "," | "." | "_" | " " | "’" | " ") | null;
            /**
             * @description Whether blanks at the ends of texts and names are left out: true or false.
             * @default false
             */
            trim: boolean | null;
        };
        Recipe: {
            format: string;
            format_version: number;
            operations: Record<string, unknown>[];
            source: Record<string, unknown>;
        };
        Recovered: {
            can_redo: boolean;
            can_undo: boolean;
            columns: components["schemas"]["Column"][];
            data: components["schemas"]["Row"][];
            duration_ms: number;
            events_replayed: number;
            /** Format: uuid */
            forked_from: string | null;
            given_up: {
                sentence: string;
                version: number;
            }[];
            message: string;
            operations: components["schemas"]["AppliedOperation"][];
            operations_count: number;
            page_error?: string;
            pagination: components["schemas"]["Pagination"];
            pending_not_tried: string[];
            pending_operations: {
                /** Format: uuid */
                client_operation_id: string;
                error?: {
                    code: string;
                    details: Record<string, unknown>;
                    message: string;
                    user_message: string;
                };
                /** Format: uuid */
                session_id?: string | null;
                status: string;
                version?: number | null;
            }[];
            recovered: boolean;
            redoable: components["schemas"]["AppliedOperation"][];
            restored: {
                operations: number;
                redo: number;
            };
            row_numbers?: number[];
            rows_left_out?: number;
            /** Format: date-time */
            saved_at: string | null;
            session_exists: boolean;
            session_info: components["schemas"]["SessionInfo"];
            shortened_cells?: {
                characters: number;
                column: string;
                row: number;
            }[];
            snapshot_version: number | null;
            strategy: string;
            /** @constant */
            success: true;
            version: number | null;
            view: {
                column_order: string[];
                column_widths: {
                    [key: string]: number;
                };
                filter: unknown;
                frozen_columns: number;
                hidden_columns: string[];
                page_number: number;
                page_size: number;
                sort: string[];
            } | null;
        };
        /** @description A row's cells by column name, in column order; a missing one is null. */
        Row: {
            [key: string]: string | number | boolean | null;
        };
        SentenceAnswer: {
            error: string;
            error_detail?: components["schemas"]["Error"];
            rate_limit_info?: Record<string, unknown>;
            /** @constant */
            success: false;
        };
        Session: {
            can_redo: boolean;
            can_undo: boolean;
            cells_changed?: number;
            column_info: string[] | null;
            data_preview: components["schemas"]["PreviewRow"][] | null;
            latest_version?: number;
            message?: string;
            operations_count: number;
            page_error?: string;
            pagination?: components["schemas"]["Pagination"];
            read_only?: boolean;
            repeated?: boolean;
            row_numbers?: number[];
            rows_left_out?: number;
            rows_removed?: number;
            /** Format: date-time */
            saved_at: string | null;
            session_exists: boolean;
            /** Format: uuid */
            session_id?: string;
            session_info: components["schemas"]["SessionInfo"];
            shortened_cells?: {
                characters: number;
                column: string;
                row: number;
            }[];
            source_changed: boolean;
            /** @constant */
            success: true;
            version: number | null;
        };
        SessionInfo: {
            can_redo: boolean;
            can_undo: boolean;
            /** Format: date-time */
            created_at: string | null;
            current_position: number;
            current_shape: number[];
            current_step: number;
            /** Format: uuid */
            datasource_id: string;
            /** Format: date-time */
            expires_at: string | null;
            history_length: number;
            is_expired: boolean;
            /** Format: date-time */
            last_accessed: string | null;
            metadata: Record<string, unknown>;
            operations: {
                operation_name: string;
                shape_after: number[];
                shape_before: number[];
                step: number;
                /** Format: date-time */
                timestamp: string;
            }[];
            operations_history: {
                operation_name: string;
                shape_after: number[];
                shape_before: number[];
                step: number;
                /** Format: date-time */
                timestamp: string;
            }[];
            original_shape: number[];
            /** @constant */
            session_exists: true;
            /** Format: uuid */
            session_id: string;
            /** @enum {string} */
            status: "not_started" | "active" | "paused" | "expired" | "cleared" | "saved";
            timeout_minutes: number;
            total_operations: number;
            user_id: number;
            version: number;
        } | {
            /** @constant */
            session_exists: false;
        };
        Transformed: {
            affected_columns: string[];
            can_redo: boolean;
            can_undo: boolean;
            cells_changed: number;
            message: string;
            operations_count: number;
            repeated: boolean;
            rows_removed: number;
            /** Format: date-time */
            saved_at: string | null;
            session_exists: boolean;
            shape: number[];
            /** @constant */
            success: true;
            version: number | null;
        };
        Verdict: {
            earlier_sessions: {
                /** Format: date-time */
                last_activity: string | null;
                /** Format: uuid */
                session_id: string;
                status: string;
                version: number;
            }[];
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            kept_until: string | null;
            /** Format: date-time */
            last_activity: string | null;
            reasons: {
                code: string;
                sentence: string;
            }[];
            recovery_options: {
                comes_back: unknown;
                given_up: unknown;
                operations_back: number;
                request: {
                    body: Record<string, unknown>;
                    href: string;
                    method: string;
                };
                /** @enum {string} */
                strategy: "auto" | "snapshot" | "replay" | "partial" | "to_version" | "start_new";
                to_version: number | null;
            }[];
            recovery_possible: boolean;
            /** Format: uuid */
            replaced_by: string | null;
            /** Format: uuid */
            session_id: string | null;
            session_valid: boolean;
            state_digest: string | null;
            status: string;
            /** @constant */
            success: true;
            /** @enum {string} */
            suggested_action: "continue" | "reload" | "resume" | "recover" | "recover_partial" | "review_changes" | "start_new" | "initialize" | "retry_later";
            version: number | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_account_usage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the user keeps and may keep, and what takes up the most room */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        quotas: {
                            largest: {
                                amount: number;
                                /** Format: uuid */
                                datasource_id: string;
                                free_with: {
                                    href: string;
                                    /** @enum {string} */
                                    method: "DELETE" | "POST";
                                };
                                /** Format: date-time */
                                last_event_at: string | null;
                                name: string;
                            }[];
                            limit: number;
                            /** @enum {string} */
                            quota: "rows_bytes" | "files_bytes" | "lists_bytes" | "events" | "open_sessions" | "datasets";
                            /** @enum {string} */
                            unit: "bytes" | "events" | "open_sessions" | "datasets";
                            used: number;
                        }[];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    get_auth_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user's valid tokens, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        tokens: {
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            expires_at: string;
                            /** Format: uuid */
                            id: string;
                            is_current: boolean;
                            /** Format: date-time */
                            last_used_at: string | null;
                            name: string;
                            prefix: string;
                        }[];
                    };
                };
            };
        };
    };
    post_auth_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description For how many seconds the token is valid, at most as long as the service allows. */
                    expires_in?: number | null;
                    /** @description What the token is for. A token with a name is kept until it expires. */
                    name?: string | null;
                    password: string;
                    username: string;
                };
            };
        };
        responses: {
            /** @description A token for programs, for a user name and a password */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expires_at: string;
                        /** Format: uuid */
                        id: string;
                        name: string;
                        token: string;
                    };
                };
            };
        };
    };
    delete_auth_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description End the token that the request is sent with */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    delete_auth_token_token_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id, as the list has it. */
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description End one of the user's tokens */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    post_auth_token_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Exchange the token that the request is sent with for another one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expires_at: string;
                        /** Format: uuid */
                        id: string;
                        name: string;
                        token: string;
                    };
                };
            };
        };
    };
    get_datasources: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user's datasets, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        datasources: components["schemas"]["Datasource"][];
                        pagination: components["schemas"]["Pagination"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    post_datasources: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    /** @description The dataset's name; without it, the file's. */
                    name?: unknown;
                    /** @description How the file is to be read: a JSON object, as text. */
                    options?: unknown;
                    /** @description The sheet of a workbook; without it, the first visible one. */
                    sheet?: unknown;
                };
            };
        };
        responses: {
            /** @description Upload a file; it becomes a dataset in the background */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        datasource: components["schemas"]["Datasource"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    get_datasources_datasource_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One dataset: how far it has come, and what was found in its file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        datasource: components["schemas"]["Datasource"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    delete_datasources_datasource_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Delete a dataset, its rows and its file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    patch_datasources_datasource_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Give a dataset another name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        datasource: components["schemas"]["Datasource"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    post_datasources_datasource_id_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    /** @description How the file is to be read: a JSON object, as text. */
                    options?: unknown;
                    /** @description The sheet of a workbook; without it, the first visible one. */
                    sheet?: unknown;
                };
            };
        };
        responses: {
            /** @description Another file for a dataset: its next revision, once it is loaded */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        datasource: components["schemas"]["Datasource"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    delete_datasources_datasource_id_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Delete the ended sessions of a dataset for good */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        events: number;
                        sessions: number;
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    post_datasources_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    /** @description `true` if only the beginning of the file is sent, as is possible of text. */
                    is_head?: unknown;
                    /** @description How the file is to be read: a JSON object, as text. */
                    options?: unknown;
                    /** @description The sheet of a workbook; without it, the first visible one. */
                    sheet?: unknown;
                };
            };
        };
        responses: {
            /** @description How a file would be read, with its first rows; stores nothing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        preview: components["schemas"]["FilePreview"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    get_sessions: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user's sessions on all datasets that can still be recovered, last used first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: {
                            datasource_deleted: boolean;
                            /** Format: uuid */
                            datasource_id: string;
                            datasource_name: string | null;
                            is_open: boolean;
                            /** Format: date-time */
                            last_activity: string | null;
                            operations_count: number;
                            /** Format: date-time */
                            recoverable_until: string | null;
                            recovery_possible: boolean;
                            /** Format: uuid */
                            replaced_by: string | null;
                            /** Format: uuid */
                            session_id: string;
                            /** @enum {string} */
                            status: "not_started" | "active" | "paused" | "expired" | "cleared" | "saved";
                            /** @enum {string} */
                            suggested_action: "continue" | "reload" | "resume" | "recover" | "recover_partial" | "review_changes" | "start_new" | "initialize" | "retry_later";
                            version: number;
                        }[];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    get_columns: {
        parameters: {
            query?: {
                at_version?: number;
                limit?: number;
                offset?: number;
                session_id?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What each column holds: enough to draw a filter panel */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        columns: {
                            date_range: {
                                from: string;
                                to: string;
                            } | null;
                            distinct_count: number;
                            histogram: {
                                counts: number[];
                                edges: (number | string)[];
                            } | null;
                            key: string;
                            max: string | number | boolean | null;
                            mean: number | null;
                            min: string | number | boolean | null;
                            most_frequent: {
                                count: number;
                                is_shortened?: boolean;
                                value: string | number | boolean | null;
                            }[];
                            name: string;
                            null_count: number;
                            null_percentage: number;
                            nullable: boolean;
                            quantiles: {
                                [key: string]: number;
                            };
                            std: number | null;
                            type: string;
                        }[];
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        total_columns: number;
                        total_rows: number;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_columns_column_histogram: {
        parameters: {
            query?: {
                at_version?: number;
                filter?: string;
                session_id?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The column's name. */
                column: string;
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A column's histogram, counted among the rows that a filter finds */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column: {
                            key: string;
                            name: string;
                            type: string;
                        };
                        histogram: {
                            counts: number[];
                            edges: (number | string)[];
                        } | null;
                        missing_count: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        total_count: number;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_columns_column_values: {
        parameters: {
            query?: {
                at_version?: number;
                filter?: string;
                limit?: number;
                q?: string;
                session_id?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The column's name. */
                column: string;
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A column's values that contain a text, with their counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column: {
                            key: string;
                            name: string;
                            type: string;
                        };
                        has_more: boolean;
                        missing_count: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        total_count: number;
                        values: {
                            count: number;
                            is_shortened?: boolean;
                            value: string | number | boolean | null;
                        }[];
                        version: number | null;
                    };
                };
            };
        };
    };
    get_columns_histogram: {
        parameters: {
            query?: {
                at_version?: number;
                column?: string;
                filter?: string;
                key?: string;
                session_id?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The same for a column that no path can name: by `column` or by `key` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column: {
                            key: string;
                            name: string;
                            type: string;
                        };
                        histogram: {
                            counts: number[];
                            edges: (number | string)[];
                        } | null;
                        missing_count: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        total_count: number;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_columns_values: {
        parameters: {
            query?: {
                at_version?: number;
                column?: string;
                filter?: string;
                key?: string;
                limit?: number;
                q?: string;
                session_id?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The same for a column that no path can name: by `column` or by `key` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column: {
                            key: string;
                            name: string;
                            type: string;
                        };
                        has_more: boolean;
                        missing_count: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        total_count: number;
                        values: {
                            count: number;
                            is_shortened?: boolean;
                            value: string | number | boolean | null;
                        }[];
                        version: number | null;
                    };
                };
            };
        };
    };
    get_data: {
        parameters: {
            query?: {
                at_version?: number;
                filter?: string;
                page?: number;
                page_number?: number;
                page_size?: number;
                pageSize?: number;
                session_id?: string;
                sort?: string;
                sortField?: string;
                sortOrder?: "asc" | "desc";
            };
            header?: {
                /** @description The `ETag` of the client's copy; 304 where that is still right. */
                "If-None-Match"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of the session's rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description The client's copy, by `If-None-Match`, is still right. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_data_cell: {
        parameters: {
            query: {
                at_version?: number;
                column?: string;
                filter?: string;
                key?: string;
                row: number;
                session_id?: string;
                sort?: string;
                sortField?: string;
                sortOrder?: "asc" | "desc";
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One cell, whole */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column: string;
                        key: string;
                        row: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        /** @enum {string} */
                        type: "integer" | "float" | "text" | "boolean" | "date" | "datetime";
                        value: string | number | boolean | null;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_export: {
        parameters: {
            query: {
                at_version?: number;
                bom?: "true" | "false";
                delimiter?: "," | ";" | "|" | "tab" | "\t";
                encoding?: "utf-8" | "utf-16" | "cp1250" | "cp1251" | "cp1252" | "cp1253" | "cp1254" | "cp1255" | "cp1256" | "cp1257" | "cp1258" | "iso-8859-1" | "iso-8859-2" | "iso-8859-15" | "koi8-r" | "cp932" | "euc-jp" | "cp949" | "big5" | "gb18030";
                filter?: string;
                format: "csv" | "parquet" | "jsonl" | "xlsx";
                formulas?: "keep" | "escape";
                session_id?: string;
                sort?: string;
            };
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session's rows, or the dataset's where there is no session, as a file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "application/vnd.apache.parquet": string;
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                    "text/csv": string;
                };
            };
        };
    };
    get_nan_analysis: {
        parameters: {
            query?: never;
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where the session's values are missing */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column_nullity: {
                            column: string;
                            null_percentage: number;
                        }[];
                        data: {
                            column_details: {
                                column: string;
                                is_completely_nan: boolean;
                                nan_count: number;
                                nan_percentage: number;
                                total_values: number;
                            }[];
                            column_nullity: {
                                column: string;
                                null_percentage: number;
                            }[];
                            columns_completely_nan: number;
                            columns_with_nan: number;
                            completely_nan_columns: string[];
                            nan_analysis: {
                                [key: string]: number;
                            };
                            nan_cell_percentage: number;
                            recommendations: string[];
                            rows_with_nan: number;
                            rows_with_nan_percentage: number;
                            total_cells: number;
                            total_columns: number;
                            total_nan_cells: number;
                            total_rows: number;
                        };
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    post_nan_quick_clean: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    /** @enum {unknown} */
                    remove_nan_columns?: true | false | "true" | "false" | null;
                    /** @enum {unknown} */
                    remove_nan_rows?: true | false | "true" | "false" | null;
                };
            };
        };
        responses: {
            /** @description Take away the columns without any value, then the rows with a missing one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cleaned"];
                };
            };
        };
    };
    get_operations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every operation, its parameters as JSON Schema */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        operations: {
                            description: string;
                            /** @enum {string} */
                            group: "Columns" | "Missing values" | "Text" | "Numbers" | "Dates" | "Categories" | "Rows";
                            looks_at_values: boolean;
                            operation: string;
                            parameters: Record<string, unknown>;
                            suits: ("integer" | "float" | "text" | "boolean" | "date" | "datetime")[] | null;
                            title: string;
                        }[];
                        success: boolean;
                    };
                };
            };
        };
    };
    post_operations: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    /** @enum {string} */
                    operation: "rename_column" | "column_operation_rename" | "column_operation_drop" | "column_operation_duplicate" | "change_column_type" | "fill_missing_values" | "reorder_columns" | "keep_columns" | "missing_data_imputation_mean" | "missing_data_imputation_median" | "missing_data_imputation_mode" | "missing_data_imputation_constant" | "feature_encoding_ordinal" | "feature_encoding_onehot" | "feature_encoding_rare_label" | "feature_scaling_standard" | "feature_scaling_minmax" | "feature_scaling_robust" | "feature_scaling_maxabs" | "feature_scaling_log" | "outlier_treatment_winsorize" | "feature_engineering_math_sum" | "feature_engineering_math_mean" | "feature_engineering_math_std" | "feature_engineering_math_prod" | "feature_engineering_math_min" | "feature_engineering_math_max" | "feature_engineering_math_median" | "feature_engineering_math_add" | "feature_engineering_math_subtract" | "feature_engineering_math_multiply" | "feature_engineering_math_divide" | "feature_engineering_relative_add" | "feature_engineering_relative_sub" | "feature_engineering_relative_mul" | "feature_engineering_relative_div" | "feature_engineering_relative_truediv" | "feature_engineering_relative_floordiv" | "feature_engineering_relative_mod" | "feature_engineering_relative_pow" | "calculate_column" | "round_numbers" | "find_and_replace" | "regex_replace" | "trim_text" | "change_case" | "split_column" | "join_columns" | "extract_date_parts" | "bin_column" | "drop_missing_rows" | "drop_duplicate_rows" | "filter_rows" | "outlier_treatment_trim" | "quick_nan_cleaning" | "first_row_as_header";
                    page_number?: number | null;
                    page_size?: number | null;
                    parameters?: Record<string, unknown>;
                };
            };
        };
        responses: {
            /** @description Apply any operation by its name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_activity: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    items: ({
                        /** Format: uuid */
                        client_operation_id: string;
                        /** @constant */
                        type: "view_changed";
                        view: {
                            column_order?: string[];
                            column_widths?: {
                                [key: string]: number;
                            };
                            filter?: unknown[] | Record<string, unknown> | null;
                            frozen_columns?: number;
                            hidden_columns?: string[];
                            page_number: number;
                            page_size: number;
                            sort?: string[];
                        };
                    } | {
                        /** Format: uuid */
                        client_operation_id: string;
                        context?: Record<string, unknown>;
                        message: string;
                        /** @constant */
                        type: "client_error";
                    })[];
                };
            };
        };
        responses: {
            /** @description Record what the client saw: a batch of views and errors, each once */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            /** Format: uuid */
                            client_operation_id: string;
                            /** Format: uuid */
                            session_id: string;
                            /** @enum {string} */
                            status: "recorded" | "already_recorded";
                            version: number;
                        }[];
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    post_session_apply_recipe: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    dry_run?: boolean;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    recipe: components["schemas"]["Recipe"];
                };
            };
        };
        responses: {
            /** @description Apply what fits of a recipe, or say with `dry_run` what would */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        applied: number;
                        does_not_fit: number;
                        dry_run: boolean;
                        fits: number;
                        message: string;
                        repeated: boolean;
                        report: {
                            cells_changed?: number;
                            error?: {
                                code: string;
                                details: Record<string, unknown>;
                                message: string;
                                user_message: string;
                            };
                            fits: boolean;
                            message?: string;
                            operation: string;
                            step: number;
                            version?: number | null;
                        }[];
                        session_info: components["schemas"]["SessionInfo"];
                        /** @constant */
                        success: true;
                    };
                };
            };
        };
    };
    post_session_change_column_type: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Column
                     * @description The column's name.
                     */
                    column_name: string;
                    /**
                     * How dates are written
                     * @description How texts spell a date: `%d/%m/%Y` is day first, `%m/%d/%Y` month first. Without it they are ISO 8601.
                     * @default null
                     */
                    date_format?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    /**
                     * New type
                     * @description The new type, in our spelling or in that of pandas.
                     * @enum {string}
                     */
                    new_type: "integer" | "int" | "int8" | "int16" | "int32" | "int64" | "Int64" | "float" | "float32" | "float64" | "double" | "text" | "string" | "str" | "object" | "category" | "boolean" | "bool" | "date" | "datetime" | "datetime64" | "datetime64[ns]";
                    /**
                     * If a value does not fit
                     * @description What becomes of values that do not fit: refuse the change, or make them missing. By default null for a datetime without date_format, otherwise fail. Refused either way where no value fits.
                     * @default null
                     * @enum {string|null}
                     */
                    on_error?: "fail" | "null" | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Turn a column's values into another type. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    get_session_changes: {
        parameters: {
            query: {
                from_version: number;
                session_id?: string;
                to_version?: number;
            };
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What changed between two versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        columns: {
                            added: components["schemas"]["Column"][];
                            dropped: components["schemas"]["Column"][];
                            renamed: Record<string, unknown>[];
                            retyped: Record<string, unknown>[];
                        };
                        /** Format: uuid */
                        forked_from: string | null;
                        from_version: number;
                        operations: {
                            added: components["schemas"]["AppliedOperation"][];
                            restored: components["schemas"]["AppliedOperation"][];
                            taken_back: components["schemas"]["AppliedOperation"][];
                        };
                        redoable: components["schemas"]["AppliedOperation"][];
                        /** Format: uuid */
                        session_id: string;
                        /** @constant */
                        success: true;
                        to_version: number;
                    };
                };
            };
        };
    };
    post_session_clear: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                };
            };
        };
        responses: {
            /** @description Put the session away; it stays recoverable for the retention time */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_session_column_statistics: {
        parameters: {
            query?: never;
            header?: {
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures of the session's columns, as existing clients read them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        column_statistics: {
                            [key: string]: {
                                dtype: string;
                                max?: string | number | boolean | null;
                                mean?: number | null;
                                median?: number | null;
                                memory_usage: number;
                                min?: string | number | boolean | null;
                                name: string;
                                non_null_count: number;
                                null_count: number;
                                null_percentage: number;
                                std?: number | null;
                                top_value?: string | null;
                                top_value_freq?: number;
                                unique_count: number;
                            };
                        };
                        dataset_statistics: {
                            memory_usage_mb: number;
                            total_columns: number;
                            total_null_values: number;
                            total_rows: number;
                        };
                        /** Format: date-time */
                        saved_at: string | null;
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_session_events: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
                session_id?: string;
            };
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What happened in the session, in sentences, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        events: {
                            actor: string | null;
                            /** Format: date-time */
                            recorded_at: string;
                            sentence: string;
                            sequence: number;
                            trace_id: string;
                            type: string;
                            version: number;
                        }[];
                        next_cursor: string | null;
                        /** Format: uuid */
                        session_id: string;
                        /** @constant */
                        success: true;
                        version: number;
                    };
                };
            };
        };
    };
    post_session_fill_missing_values: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of the columns.
                     */
                    columns: string[];
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    /**
                     * Value
                     * @description The value of the constant strategy, in or convertible to the column's type; a fraction turns an integer column into float.
                     * @default null
                     */
                    fill_value?: string | number | boolean | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    /**
                     * Fill with
                     * @description What to fill with; mean and median need numbers.
                     * @default mean
                     * @enum {string|null}
                     */
                    strategy?: "mean" | "median" | "mode" | "forward_fill" | "backward_fill" | "constant" | null;
                };
            };
        };
        responses: {
            /** @description Put a value into the missing cells of columns. A mode's tie goes to the first value in sort order; a forward fill leaves what is missing before the first value. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_fork: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    from_version: number;
                    page_number?: number | null;
                    page_size?: number | null;
                    /** Format: uuid */
                    session_id?: string | null;
                };
            };
        };
        responses: {
            /** @description Begin a new session with the work of any version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        can_redo: boolean;
                        can_undo: boolean;
                        message: string;
                        operations_count: number;
                        repeated: boolean;
                        /** Format: date-time */
                        saved_at: string | null;
                        session_exists: boolean;
                        /** Format: uuid */
                        session_id: string;
                        session_info: components["schemas"]["SessionInfo"];
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    post_session_initialize: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Open the session, or go on with the one that is there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_pause: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                };
            };
        };
        responses: {
            /** @description Put the session aside; it does not expire */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        can_redo: boolean;
                        can_undo: boolean;
                        message: string;
                        operations_count: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        session_exists: boolean;
                        session_info: components["schemas"]["SessionInfo"];
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_session_recipe: {
        parameters: {
            query?: {
                at_version?: number;
                session_id?: string;
            };
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session's operations as a portable recipe */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recipe: components["schemas"]["Recipe"];
                        /** Format: uuid */
                        session_id: string;
                        /** @constant */
                        success: true;
                        version: number;
                    };
                };
            };
        };
    };
    post_session_recover: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    pending_operations?: {
                        /** Format: uuid */
                        client_operation_id: string;
                        operation: string;
                        parameters: Record<string, unknown>;
                    }[] | null;
                    /** Format: uuid */
                    session_id?: string | null;
                    stop_at_refused?: boolean;
                    /** @enum {string} */
                    strategy?: "auto" | "snapshot" | "replay" | "partial" | "to_version" | "start_new";
                    to_version?: number | null;
                };
            };
        };
        responses: {
            /** @description Bring the session back, and answer all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recovered"];
                };
            };
        };
    };
    post_session_redo: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Put back what was undone last */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_rename_column: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    /**
                     * New name
                     * @description Its new name.
                     */
                    new_name: string;
                    /**
                     * Column
                     * @description The column's name.
                     */
                    old_name: string;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Give one column another name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_reset: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Go back to the dataset's own columns and values */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_resume: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Take a paused session up again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    post_session_save: {
        parameters: {
            query?: never;
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    description?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    name?: string | null;
                };
            };
        };
        responses: {
            /** @description Make the session's rows a dataset of its own; the session ends, recoverable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        new_datasource: {
                            /** Format: date-time */
                            created_at: string;
                            description: string;
                            /** Format: uuid */
                            id: string;
                            name: string;
                            /** Format: uuid */
                            parent: string | null;
                            progress: number;
                            row_count: number;
                            status: string;
                        };
                        repeated: boolean;
                        /** Format: date-time */
                        saved_at: string | null;
                        /** Format: uuid */
                        session_id: string;
                        /** @constant */
                        success: true;
                        version: number | null;
                    };
                };
            };
        };
    };
    get_session_status: {
        parameters: {
            query?: {
                at_version?: number;
                filter?: string;
                page_number?: number;
                page_size?: number;
                session_id?: string;
                sort?: string;
            };
            header?: {
                /** @description The `ETag` of the client's copy; 304 where that is still right. */
                "If-None-Match"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session and its first rows, as it stands or stood */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        can_redo: boolean;
                        can_undo: boolean;
                        column_info: string[] | null;
                        data_preview: components["schemas"]["PreviewRow"][] | null;
                        message?: string;
                        operations_count: number;
                        page_error?: string;
                        pagination?: components["schemas"]["Pagination"];
                        row_numbers?: number[];
                        rows_left_out?: number;
                        /** Format: date-time */
                        saved_at: string | null;
                        session_exists: boolean;
                        session_info: components["schemas"]["SessionInfo"];
                        shortened_cells?: {
                            characters: number;
                            column: string;
                            row: number;
                        }[];
                        source_changed: boolean;
                        /** @constant */
                        success: true;
                        version: number | null;
                        view: {
                            column_order: string[];
                            column_widths: {
                                [key: string]: number;
                            };
                            filter: unknown;
                            frozen_columns: number;
                            hidden_columns: string[];
                            page_number: number;
                            page_size: number;
                            sort: string[];
                        } | null;
                    };
                };
            };
            /** @description The client's copy, by `If-None-Match`, is still right. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    post_session_undo: {
        parameters: {
            query?: {
                filter?: string;
                page_number?: number;
                page_size?: number;
                sort?: string;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Take the last operation back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    get_session_validate: {
        parameters: {
            query?: {
                known_version?: number;
                session_id?: string;
            };
            header?: never;
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Is the session valid, what can be recovered, what to do next */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verdict"];
                };
            };
        };
    };
    post_transform_columns: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    columns?: string[] | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    new_names?: {
                        [key: string]: string;
                    } | null;
                    /** @enum {string} */
                    operation: "rename" | "drop" | "duplicate";
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Rename, drop or duplicate columns */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
    post_transform_encoding: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of columns of text; without them, every column of text but those that hold dates alone.
                     * @default null
                     */
                    columns?: string[] | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    method?: ("ordinal" | "onehot" | "rare_label") | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    /**
                     * Rare below this share
                     * @description The least share of the values that a category keeps its name with.
                     * @default 0.05
                     */
                    rare_threshold?: number | null;
                };
            };
        };
        responses: {
            /** @description Encode columns of text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
    post_transform_engineering: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of columns of numbers; without them, every column of numbers.
                     * @default null
                     */
                    columns?: string[] | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    method?: ("math" | "relative") | null;
                    /**
                     * If a cell has no result
                     * @description What becomes of a cell without a finite result (a zero divisor, an overflow, an integer beyond 2^53 where a float is needed): refuse the operation, or make it missing.
                     * @default fail
                     * @enum {string|null}
                     */
                    on_error?: "fail" | "null" | null;
                    operation?: ("sum" | "mean" | "std" | "prod" | "min" | "max" | "median" | "add" | "subtract" | "multiply" | "divide" | "sub" | "mul" | "div" | "truediv" | "floordiv" | "mod" | "pow") | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    /**
                     * Reference columns
                     * @description Names of the columns of numbers on the right.
                     */
                    reference_columns?: string[];
                };
            };
        };
        responses: {
            /** @description Make columns of numbers from others; `operation` as the method has it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
    post_transform_imputation: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of the columns; without them, every column of numbers.
                     * @default null
                     */
                    columns?: string[] | null;
                    /**
                     * Value
                     * @description The value, in or convertible to each column's type; a fraction turns an integer column into float.
                     * @default 0
                     */
                    constant_value?: string | number | boolean | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    method?: ("mean" | "median" | "mode" | "constant") | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Fill the missing cells of columns */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
    post_transform_outliers: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * How to find the bounds
                     * @description Where the bounds lie: fold times the interquartile range beyond the quartiles; fold standard deviations (gaussian) or fold normalised median absolute deviations (mad) from the middle; or at the quantiles fold and 1 - fold.
                     * @default iqr
                     * @enum {string|null}
                     */
                    capping_method?: "iqr" | "gaussian" | "quantiles" | "mad" | null;
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of columns of numbers; without them, every column of numbers.
                     * @default null
                     */
                    columns?: string[] | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    /**
                     * How far out
                     * @description How far out: 1.5 by default; for quantiles a share of at most 0.2, 0.05 by default.
                     * @default null
                     */
                    fold?: number | null;
                    method?: ("winsorize" | "trim") | null;
                    page_number?: number | null;
                    page_size?: number | null;
                    /**
                     * Which outliers
                     * @description Which outliers: large ones, small ones, or both.
                     * @default right
                     * @enum {string|null}
                     */
                    tail?: "right" | "left" | "both" | null;
                };
            };
        };
        responses: {
            /** @description Cap outliers, or take their rows away */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
    post_transform_scaling: {
        parameters: {
            query?: {
                page_number?: number;
                page_size?: number;
            };
            header?: {
                /** @description Any text, in place of a `client_operation_id`. */
                "Idempotency-Key"?: string;
                /** @description A comma list. `structured-errors` gets the error object as `error`, `exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of each row shown. */
                "X-Studio-Capabilities"?: string;
            };
            path: {
                /** @description The dataset's id. */
                datasource_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * Base
                     * @description The base of the logarithm.
                     * @default e
                     * @enum {string|null}
                     */
                    base?: "e" | "10" | null;
                    /** Format: uuid */
                    client_operation_id?: string | null;
                    /**
                     * Columns
                     * @description Names of columns of numbers; without them, every column of numbers.
                     * @default null
                     */
                    columns?: string[] | null;
                    /** Format: uuid */
                    expected_session_id?: string | null;
                    expected_version?: number | null;
                    method?: ("standard" | "minmax" | "robust" | "maxabs" | "log") | null;
                    /**
                     * If a cell has no result
                     * @description What becomes of a cell without a finite result (a zero divisor, an overflow, an integer beyond 2^53 where a float is needed): refuse the operation, or make it missing.
                     * @default fail
                     * @enum {string|null}
                     */
                    on_error?: "fail" | "null" | null;
                    page_number?: number | null;
                    page_size?: number | null;
                };
            };
        };
        responses: {
            /** @description Scale columns of numbers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transformed"] | components["schemas"]["SentenceAnswer"];
                };
            };
        };
    };
}
