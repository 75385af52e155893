"""What is wrong with a search, in words."""

from PySide6.QtCore import QCoreApplication

from algovera_desktop.library.query.problems import Problem, QuerySyntaxError

translate = QCoreApplication.translate


def problem_words(error: QuerySyntaxError) -> str:
    """What cannot be understood and what would be, in a sentence or two."""
    words = _words(error.problem).replace("{found}", error.found.strip())
    if not error.expected:
        return words
    choices = ", ".join(error.expected)
    return f"{words} {translate('QueryWords', 'Possible:')} {choices}."


def _words(problem: Problem) -> str:
    return {
        Problem.UNCLOSED_QUOTE: translate("QueryWords", "The closing quotation mark is missing."),
        Problem.UNCLOSED_PARENTHESIS: translate(
            "QueryWords", "The closing parenthesis is missing."
        ),
        Problem.UNOPENED_PARENTHESIS: translate("QueryWords", "This parenthesis closes nothing."),
        Problem.EMPTY_PARENTHESES: translate("QueryWords", "There is nothing in parentheses."),
        Problem.OR_LACKS_A_SIDE: translate(
            "QueryWords", "“or” needs something to search for before and after it."
        ),
        Problem.NOTHING_SEARCHABLE: translate(
            "QueryWords", "“{found}” has no letters or digits to search for."
        ),
        Problem.UNKNOWN_KEY: translate(
            "QueryWords",
            "“{found}” cannot be searched by. To find these very words, put them in quotation"
            " marks.",
        ),
        Problem.MISSING_VALUE: translate("QueryWords", "“{found}” needs a value after the colon."),
        Problem.UNKNOWN_VALUE: translate("QueryWords", "“{found}” is not a value of this key."),
        Problem.BAD_NUMBER: translate(
            "QueryWords", "“{found}” is not a number, such as 7, >=4 or 20..30."
        ),
        Problem.IMPOSSIBLE_NUMBER: translate("QueryWords", "No picture has “{found}” here."),
        Problem.BAD_SIZE: translate("QueryWords", "“{found}” is not a size, such as 768x512."),
        Problem.BAD_DATE: translate(
            "QueryWords", "“{found}” is not a date, such as 2026-11-22, 2026-11 or yesterday."
        ),
        Problem.EMPTY_RANGE: translate("QueryWords", "“{found}” ends before it begins."),
        Problem.TOO_LONG: translate("QueryWords", "This search is too long."),
        Problem.TOO_DEEP: translate("QueryWords", "There are too many parentheses in each other."),
    }[problem]
