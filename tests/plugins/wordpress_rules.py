"""What plugin review demands and a pattern can see. Where nothing is a comment, a match is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DOMAIN = "belong-for-woocommerce"
FORBIDDEN_CALLS = (
    "eval exec shell_exec system proc_open popen passthru create_function move_uploaded_file str_rot13 extract "
    "error_log var_dump var_export print_r debug_backtrace ini_set error_reporting set_error_handler "
    "file_put_contents fopen fsockopen wp_redirect query_posts serialize do_shortcode wp_handle_upload"
).split()
POSTS = "get_post_meta update_post_meta add_post_meta delete_post_meta get_post_type wp_insert_post".split()
TRANSLATING = r"(?:__|_x|_n|_nx|esc_html__|esc_attr__|esc_html_e|esc_attr_e|esc_html_x|esc_attr_x)"
ESCAPING = r"(?:esc_(?:html|attr|url|textarea|xml)(?:__|_x)?|wp_kses(?:_post|_data)?|absint)"
STRING = r"(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
# Nothing of a variable is in it.
LITERAL = r"(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\$]|\\.)*+\")"
CONSTANT = r"(?:self|static|[A-Z]\w*)::[A-Z][A-Z0-9_]*+(?!\w|\s*\()"


@dataclass(frozen=True)
class Rule:
    """`bad` and `good` are tried against the pattern itself, so that a rule cannot go blind."""

    says: str
    pattern: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    # "file: line", for the one place that may.
    but: tuple[str, ...] = ()


def _parentheses(depth: int) -> str:
    """With whatever stands in them, so many pairs deep."""
    inner = "" if depth == 0 else f"|{_parentheses(depth - 1)}"
    return rf"\((?:[^()'\"]|{STRING}{inner})*+\)"


def _joined(parts: str) -> str:
    return rf"(?:{parts})(?:\s*\.\s*(?:{parts}))*+"


def _call(names: list[str]) -> str:
    return rf"(?<![\w>:$]){_any(names)}\s*\("


def _any(names: list[str]) -> str:
    return f"(?:{'|'.join(names)})"


PARENTHESES = _parentheses(6)
WRITTEN = _joined(rf"{ESCAPING}\s*{PARENTHESES}|{LITERAL}")
# Of a statement everything is written down in the plugin: literals and constants, a choice of two constants, and a
# placeholder for each of some things. Names of tables are none of it: for those there is %i.
STATEMENT = _joined(
    rf"{LITERAL}|{CONSTANT}|\(\s*\$\w+\s*\?\s*{CONSTANT}\s*:\s*{CONSTANT}\s*\)"
    rf"|Placeholders::for_each\(\s*\$\w+,\s*{LITERAL}(?:,\s*{LITERAL})?\s*\)"
)

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
        "output of which some part is neither escaped where it is written nor a literal",
        rf"\b(?:echo|print)\b(?!\s+{WRITTEN}\s*(?:;|\?>))|(?<![\w>])(?:_e|_ex|printf|vprintf)\s*\(",
        (
            "echo $name;",
            "echo '<p>' . $x;",
            "echo esc_html( $a ) . $b;",
            "echo esc_html( $a ) . '<br>' . get_the_title();",
            "<?php echo esc_html( $a ), $b; ?>",
            "echo esc_html( $a ) ?: $b;",
            'echo "<p>$x</p>";',
            "echo wp_json_encode( $x );",
            "echo esc_sql( $x );",
            "_e( 'Points', 'x' );",
            'printf( "%s", $x );',
        ),
        (
            "echo esc_html( $name );",
            "<?php echo esc_html( $name ) ?>",
            "echo esc_html( sprintf( __( 'Of %s (%s)', 'x' ), f( g( $x ) ), ')' ) ) . \"\\n\" . esc_attr( $b );",
            "echo '</td>';",
            "esc_html_e( 'Points', 'x' );",
            "sprintf( '%s', $x )",
        ),
    ),
    Rule(
        "a query that is not prepared",
        rf"\$wpdb->(?:query|get_var|get_row|get_col|get_results)\((?!\s*\$wpdb->prepare{PARENTHESES}\s*[,)])",
        ("$wpdb->query( $sql );", '$wpdb->get_var("SELECT 1")', "$wpdb->query( $wpdb->prepare( $sql, $x ) . $order );"),
        ("$wpdb->query( $wpdb->prepare( $sql, $x ) );", "$wpdb->get_row( $wpdb->prepare( $sql, f( $x ) ), ARRAY_A );"),
    ),
    Rule(
        "a statement with something in it that the plugin has not written down",
        rf"->prepare\((?!\s*(?:{STATEMENT}|\$sql)\s*[,)])|\$sql\s*(?:\.|\?\?)?=(?![=>])(?!\s*{STATEMENT}\s*;)",
        (
            '$wpdb->prepare( "SELECT * FROM $table WHERE id = %d", $id )',
            '$wpdb->prepare( "SELECT * FROM {$wpdb->prefix}belong_outbox WHERE id = %d", $id )',
            "$wpdb->prepare( 'SELECT * FROM ' . Schema::outbox() . ' WHERE id = %d', $id )",
            "$wpdb->prepare( 'SELECT * FROM %i WHERE ' . $which, $id )",
            "$wpdb->prepare( $statement, $id )",
            "$wpdb->prepare(\n\t'SELECT * FROM %i ORDER BY '\n\t. $order,\n\t$id )",
            '$sql = "DELETE FROM %i WHERE $which";',
            "$sql .= ' ORDER BY ' . $order;",
            "$sql  = 'SELECT 1 ' . implode( ', ', $ids );",
            "$sql = 'SELECT 1 ' . ( $x ? $y : self::KEEP );",
            "$sql = 'SELECT %i IN (' . Placeholders::for_each( $ids, $each ) . ')';",
            "$sql = $_GET['x'];",
        ),
        (
            "$wpdb->prepare( 'DELETE FROM %i', Schema::outbox() )",
            "$wpdb->prepare( \"SELECT 1 FROM %i WHERE post_type = 'x'\", $wpdb->posts )",
            "$wpdb->prepare( $sql, $values )",
            "$sql = 'SELECT ' . self::COLUMNS . ' FROM %i'\n\t. ' WHERE id = %d';",
            "$sql = 'UPDATE %i SET ' . ( $renews ? self::RENEW : self::KEEP );",
            "$sql = 'SELECT %i IN (' . Placeholders::for_each( $ids, '%d' ) . ') LIMIT 1';",
            "if ( $sql === 'x' ) {",
        ),
    ),
    Rule(
        "a statement that somebody else has written",
        r"(?:\bas|=>|\blist\(|\[)\s*&?\$sql\b|\bfunction\b[^)]*\$sql\b"
        rf"|::select\((?!\s*(?:{STATEMENT}|\$sql)\s*,)",
        (
            "function run( string $sql ) {",
            "function run( int $x, $sql ) {",
            "foreach ( $all as $sql ) {",
            "self::select( $x, array() )",
            "list( $sql ) = $all;",
        ),
        ("self::select( $sql, array() )", "self::select( 'SELECT 1 FROM %i', array( $x ) )", "use ( $sql ) {"),
        ("src/Importing/Kind.php: protected static function select( string $sql, array $values ): array {",),
    ),
    Rule(
        "something serialised that is read, which makes objects",
        _call(["maybe_unserialize", "unserialize"]),
        ("$x = maybe_unserialize( $raw );", "\\unserialize( $raw )"),
        ("maybe_serialize( $x )", "json_decode( $raw, true )"),
        # As get_option does with the same row, past what WordPress remembers.
        ("src/Connection/Connection.php: return self::read( maybe_unserialize( $raw ) );",),
    ),
    Rule(
        "every user at once, or every thing of a kind",
        _call(["get_users", "count_users", "wp_list_users"])
        + r"|\bWP_User_Query\b|'(?:limit|number|numberposts|posts_per_page|per_page)'\s*=>\s*-1\b",
        (
            "get_users( array( 'meta_key' => 'x' ) )",
            "\\get_users()",
            "$query = new \\WP_User_Query( $x );",
            "use WP_User_Query;",
            "count_users();",
            "wc_get_orders( array( 'limit' => -1 ) )",
        ),
        (
            "get_user_by( 'id', $id )",
            "Rows::users( array( 1 ) )",
            "$this->get_users()",
            "wc_get_orders( array( 'limit' => 50 ) )",
        ),
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
        r"\b(?:include|require)(?:_once)?\b[^;'\"]*\$",
        ("require $_GET['page'];", "include_once( $template );"),
        ("require_once ABSPATH . 'wp-admin/includes/upgrade.php';",),
        ("src/autoload.php: require_once $file;",),
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
    lines = bare.split("\n")
    for rule in RULES:
        for found in re.finditer(rule.pattern, bare, re.MULTILINE):
            number = bare.count("\n", 0, found.start()) + 1
            if f"{name}: {lines[number - 1].strip()}" not in rule.but:
                yield f"{name}:{number}: {rule.says}: {found.group().strip()}"
