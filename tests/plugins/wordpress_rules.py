"""What plugin review demands and a pattern can see. Where nothing is a comment, a match is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DOMAIN = "belong-for-woocommerce"
FORBIDDEN_CALLS = (
    "eval exec shell_exec system proc_open popen passthru create_function move_uploaded_file str_rot13 extract "
    "error_log var_dump var_export print_r debug_backtrace ini_set error_reporting set_error_handler "
    "file_put_contents fopen fsockopen wp_redirect query_posts serialize unserialize do_shortcode wp_handle_upload"
).split()
POSTS = "get_post_meta update_post_meta add_post_meta delete_post_meta get_post_type wp_insert_post".split()
TRANSLATING = r"(?:__|_x|_n|_nx|esc_html__|esc_attr__|esc_html_e|esc_attr_e|esc_html_x|esc_attr_x)"
ESCAPING = r"(?:esc_\w+|wp_kses\w*|absint|wp_json_encode|number_format_i18n|wp_nonce_field)"


@dataclass(frozen=True)
class Rule:
    """`bad` and `good` are tried against the pattern itself, so that a rule cannot go blind."""

    says: str
    pattern: str
    bad: tuple[str, ...]
    good: tuple[str, ...]


def _call(names: list[str]) -> str:
    return rf"(?<![\w>:$]){_any(names)}\s*\("


def _any(names: list[str]) -> str:
    return f"(?:{'|'.join(names)})"


RULES = (
    Rule(
        "a call that review refuses", _call(FORBIDDEN_CALLS), ("eval( $x );", "error_log('x')"), ("$this->exec( 1 );",)
    ),
    Rule("curl instead of wp_remote_*", r"\bcurl_\w+\s*\(", ("curl_init()",), ("wp_remote_post( $url );",)),
    Rule(
        "an order as a post",
        _call(POSTS) + r"|new\s+\\?WP_Query",
        ("get_post_meta( 1 )",),
        ("$o->get_meta()",),
    ),
    Rule(
        "backticks, goto, heredoc or short tags", r"`|\bgoto\s+\w|<<<|<\?=|<\?(?!php\b)", ("<?= 1", "<<<X"), ("<?php",)
    ),
    Rule("an address of one machine", r"localhost|127\.0\.0\.1", ("'http://localhost'",), ("'https://shop.example'",)),
    Rule("a remote asset", r"(?:src|href)=[\"']https?:", ('src="https://x"',), ('href="<?php esc_url',)),
    Rule(
        "output that is not escaped where it is written",
        rf"\b(?:echo|print)\b(?!\s+{ESCAPING}\s*\()|(?<![\w>])(?:_e|_ex|printf|vprintf)\s*\(",
        ("echo $name;", "echo '<p>' . $x;", "_e( 'Points', 'x' );", 'printf( "%s", $x );'),
        ("echo esc_html( $name );", "esc_html_e( 'Points', 'x' );", "sprintf( '%s', $x )"),
    ),
    Rule(
        "a query that is not prepared",
        r"\$wpdb->(?:query|get_var|get_row|get_col|get_results)\((?!\s*\$wpdb->prepare\()",
        ("$wpdb->query( $sql );", '$wpdb->get_var("SELECT 1")'),
        ("$wpdb->query( $wpdb->prepare( $sql, $x ) );",),
    ),
    Rule(
        "something from the request that is not unslashed and sanitised on the spot",
        r"^(?!.*(?:sanitize_\w+|absint)\(\s*wp_unslash\().*\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\b",
        ("$x = $_GET['x'];", "$x = sanitize_text_field( $_POST['x'] );"),
        ("$x = sanitize_text_field( wp_unslash( $_GET['x'] ) );",),
    ),
    Rule(
        "an option, hook or transient without our prefix",
        # WordPress's own may be read; home_url() would say another scheme with another request. The last one names the
        # kinds of points of a plugin whose balances are brought along.
        r"(?:(?:get|update|add|delete)_(?:site_)?(?:option|transient)|do_action|apply_filters)\(\s*'"
        r"(?!belong_|(?<=[^_]get_option\( ')(?:home|date_format|time_format|mycred_types)')",
        ("get_option( 'schema' )", "do_action( 'drained' )", "update_option( 'home' )"),
        ("get_option( 'belong_schema' )", "do_action( 'belong_drained' )", " get_option( 'home' )"),
    ),
    Rule("a constant outside a class", r"(?<![\w>:])define\s*\(", ("define( 'X', 1 );",), ("defined( 'ABSPATH' )",)),
    Rule(
        "a file that a variable names; the loader of our own classes has one, by their names alone",
        r"^(?!\t\t\trequire_once \$file;$).*\b(?:include|require)(?:_once)?\b[^;'\"]*\$",
        ("require $_GET['page'];", "include_once( $template );"),
        ("require_once ABSPATH . 'wp-admin/includes/upgrade.php';", "\t\t\trequire_once $file;"),
    ),
    Rule(
        "a translation without our text domain as a literal",
        rf"(?<![\w>]){TRANSLATING}\((?!.*'{DOMAIN}'\s*\))",
        ("__( 'Points' )", "__( 'Points', $domain )"),
        (f"__( 'Points', '{DOMAIN}' )",),
    ),
)


def without_comments(text: str) -> str:
    """Lines stay where they are."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), text, flags=re.DOTALL)
    return re.sub(r"(^|\s)//.*$", "", text, flags=re.MULTILINE)


def findings(name: str, text: str) -> Iterator[str]:
    bare = without_comments(text)
    for rule in RULES:
        for found in re.finditer(rule.pattern, bare, re.MULTILINE):
            yield f"{name}:{bare.count(chr(10), 0, found.start()) + 1}: {rule.says}: {found.group().strip()}"
