"""The functions of DuckDB that a check may call: those that give the same result for the same arguments.

A list of our own, because DuckDB's flag `stability` is another one in each version, and calls functions of
the clock consistent. What is not listed is refused, so a function that a new version brings is refused until
somebody has looked at it. Names are those that are written and those that a query is bound to.
"""

from __future__ import annotations

_OPERATORS = """
    != !__postfix !~~ !~~* % & && * ** + - ->> -> / // < <-> << <= <=> <@ = > >= >> @ @> ^ ^@ | || ~ ~~ ~~*
    ~~~ <>
    __between __cast add subtract multiply divide mod xor decimal_division combine
    ilike_escape like_escape not_ilike_escape not_like_escape constant_or_null
"""

_NUMBERS = """
    abs acos acosh asin asinh atan atan2 atanh bit_count cbrt ceil ceiling cos cosh cot degrees even exp
    factorial fdiv floor fmod gamma gcd greatest_common_divisor isfinite isinf isnan lcm lgamma ln log
    least_common_multiple log10 log2 nextafter pi pow power radians round round_even roundbankers sign
    signbit sin sinh sqrt tan tanh trunc to_base bin binom to_binary from_binary unbin hex to_hex unhex
    from_hex bit_length bit_position bitstring get_bit set_bit equi_width_bins is_histogram_other_bin
"""

_TEXTS = """
    array_to_string array_to_string_comma_default ascii bar base64 char_length character_length chr concat
    concat_ws contains damerau_levenshtein decode editdist3 encode ends_with error format
    formatReadableDecimalSize formatReadableSize format_bytes from_base64 hamming instr jaccard
    jaro_similarity jaro_winkler_similarity lcase left left_grapheme length length_grapheme levenshtein lower
    lpad ltrim md5 md5_number md5_number_lower md5_number_upper mismatches nfc_normalize octet_length ord
    overlay parse_dirname parse_dirpath parse_filename parse_formatted_bytes parse_path path_join position
    prefix printf regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table repeat replace reverse right right_grapheme
    rpad rtrim sha1 sha256 split split_part starts_with str_split str_split_regex string_split
    string_split_regex string_to_array strip_accents strlen strpos substr substring substring_grapheme suffix
    to_base64 translate trim ucase unicode upper url_decode url_encode uuid_extract_timestamp
    uuid_extract_version
"""

_TIMES = """
    age century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day
    dayname dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era hour
    isodow isoyear julian last_day make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns
    make_timestamptz microsecond millennium millisecond minute month monthname nanosecond normalized_interval
    quarter second strftime strptime time_bucket timetz_byte_comparable timezone timezone_hour timezone_minute
    to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months
    to_quarters to_seconds to_timestamp to_weeks to_years try_strptime week weekday weekofyear year yearweek
"""

_LISTS = """
    aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
    array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct
    array_dot_product array_extract array_filter array_grade_up array_has array_has_all array_has_any
    array_indexof array_inner_product array_intersect array_length array_negative_dot_product
    array_negative_inner_product array_pop_back array_pop_front array_position array_prepend array_push_back
    array_push_front array_reduce array_resize array_reverse array_reverse_sort array_select array_slice
    array_sort array_transform array_unique array_value array_where array_zip cardinality element_at filter
    flatten generate_series generate_subscripts grade_up invoke len list_aggr list_aggregate list_any_value
    list_append list_apply list_avg list_bit_and list_bit_or list_bit_xor list_bool_and list_bool_or list_cat
    list_concat list_contains list_cosine_distance list_cosine_similarity list_count list_distance
    list_distinct list_dot_product list_element list_entropy list_extract list_filter list_first list_grade_up
    list_has list_has_all list_has_any list_histogram list_indexof list_inner_product list_intersect
    list_kurtosis list_kurtosis_pop list_last list_mad list_max list_median list_min list_mode
    list_negative_dot_product list_negative_inner_product list_pack list_position list_prepend list_product
    list_reduce list_resize list_reverse list_reverse_sort list_select list_sem list_skewness list_slice
    list_sort list_stddev_pop list_stddev_samp list_string_agg list_sum list_transform list_unique list_value
    list_var_pop list_var_samp list_where list_zip map map_concat map_contains map_contains_entry
    map_contains_value map_entries map_extract map_extract_value map_from_entries map_keys map_values range
    reduce row struct_concat struct_contains struct_extract struct_extract_at struct_has struct_indexof
    struct_insert struct_keys struct_pack struct_position struct_update struct_values union_extract union_tag
    union_value unnest unpivot_list
"""

_VALUES = """
    alias can_cast_implicitly cast_to_type coalesce enum_code enum_first enum_last enum_range
    enum_range_boundary greatest if ifnull isnotnull isnull least nullif replace_type switch try
"""

_JSON = """
    array_to_json from_json from_json_strict json json_array json_array_length json_contains json_deep_merge
    json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_insert
    json_keys json_merge_patch json_merge_patch_diff json_normalize json_object json_pretty json_quote
    json_remove json_replace json_set json_strip_nulls json_structure json_transform json_transform_strict
    json_type json_valid json_value row_to_json to_json
"""

#: Functions of one row.
STEADY = frozenset(
    " ".join((_OPERATORS, _NUMBERS, _TEXTS, _TIMES, _LISTS, _VALUES, _JSON)).split()
) | {"is distinct from", "is not distinct from"}

#: Lists in an order that depends on hashes, which differ between versions of DuckDB.
UNORDERED = frozenset("array_distinct array_intersect list_distinct list_intersect".split())

#: Functions of a list whose result does not depend on its order.
ORDERLESS = frozenset(
    """
    array_contains array_has array_has_all array_has_any array_length array_reverse_sort array_sort
    array_unique cardinality contains len length list_bool_and list_bool_or list_contains list_count list_has
    list_has_all list_has_any list_max list_min list_reverse_sort list_sort list_unique
    """.split()
)

#: Aggregates whose result does not depend on the order of the rows. Sums of floating-point numbers do, in
#: their last digits; checks run on one thread, which adds the rows in the order of their table.
AGGREGATES = frozenset(
    """
    avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star countif covar_pop covar_samp
    decimal_average entropy favg fsum geomean geometric_mean histogram histogram_exact kahan_sum kurtosis
    kurtosis_pop mad max mean median min product quantile quantile_cont quantile_disc regr_avgx regr_avgy
    regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop
    stddev_samp sum sum_no_overflow sumkahan var_pop var_samp variance wavg weighted_avg grouping grouping_id
    """.split()
)

#: Aggregates whose result depends on the order of the rows, and which take one with ORDER BY.
ORDERED = frozenset(
    """
    any_value arbitrary array_agg first group_concat json_group_array json_group_object json_group_structure
    last list listagg string_agg
    """.split()
)

#: Aggregates that take the first argument of the row with the largest or smallest second one, mode that of
#: the most frequent value: of several such rows they take any.
CHOOSING = frozenset(
    """
    arg_max arg_max_null arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin max_by
    min_by mode
    """.split()
)

#: Window functions that give rows equal in the order the same value, and those that tell them apart.
PEERS = frozenset("cume_dist dense_rank percent_rank rank rank_dense".split())
NUMBERING = frozenset("fill first_value lag last_value lead nth_value ntile row_number".split())

#: Functions that stand for a table.
TABLES = frozenset("generate_series json_each json_tree range repeat repeat_row unnest".split())

#: All that may be called by name.
KNOWN = STEADY | AGGREGATES | ORDERED | CHOOSING | PEERS | NUMBERING | TABLES

_REASONS = {
    "depends on the time": """
        ago current_date current_localtime current_localtimestamp current_time current_timestamp
        get_current_time get_current_timestamp localtime localtimestamp now pg_postmaster_start_time
        pg_conf_load_time today transaction_timestamp
        """,
    "depends on chance": "gen_random_uuid random reservoir_quantile setseed uuid uuidv4 uuidv7",
    "approximates": "approx_count_distinct approx_quantile approx_top_k list_approx_count_distinct",
    "depends on this computer or its settings": """
        current_catalog current_connection_id current_database current_query current_query_id current_role
        current_schema current_schemas current_setting current_transaction_id current_user currval
        duckdb_settings get_block_size getenv getvariable in_search_path inet_client_addr inet_client_port
        inet_server_addr inet_server_port nextval pg_my_temp_schema session_user setval txid_current user
        """,
    "differs between versions of DuckDB": """
        create_sort_key get_type hash icu_sort_key pg_typeof stats typeof vector_type version
        json_serialize_plan json_serialize_sql
        """,
    "runs a query that is hidden in a text": "json_execute_serialized_sql query query_table",
    "reads files": """
        glob parquet_file_metadata parquet_full_metadata parquet_kv_metadata parquet_metadata parquet_scan
        parquet_schema read_blob read_csv read_csv_auto read_duckdb read_json read_json_auto read_json_objects
        read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text sniff_csv
        """,
}

_WHY = {name: reason for reason, names in _REASONS.items() for name in names.split()}


def explain(name: str) -> str:
    """Return why a function that is not known may not be called, as a clause behind its name."""
    if reason := _WHY.get(name):
        return f"which {reason}"
    if name.startswith(("duckdb_", "pragma_", "pg_", "has_")):
        return "which depends on this computer or its settings"
    if name.startswith(("collate_", "icu_collate_")):
        return "whose order differs between versions of DuckDB"
    return "which is not known to give the same result every time"
