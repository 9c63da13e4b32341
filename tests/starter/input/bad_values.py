"""Values that are no ids, no amounts, no dates, ...: what the tables of bad input are made of."""

from __future__ import annotations

from typing import Any

NO_IDS: list[Any] = [
    "",
    " ",
    "a b",
    "a/b",
    "ä",
    "a\n",
    "a\x00",
    "\ud800",
    "a" * 81,
    ".",
    "..",
    "😀",
    None,
    7,
    ["a"],
    {},
]
NO_AMOUNTS: list[Any] = [
    *(119.0, 119, True, None, "", " ", [], {}),
    *("-1.00", "0", "0.00", "-0", "1e2", "1E2", "NaN", "nan", "Infinity", "-inf"),
    *("119,00", "1.000,00", "1_000", "+5", " 5", "5 ", "5\n", "5.", ".5", "0x10", "EUR 5", "5€"),
    *("\u0665", "\uff11\uff10\uff10", "1000000000000", "1" * 13, "9" * 500),
    *("0.001", "119.001", "0." + "0" * 19 + "1"),
]
NO_DATES: list[Any] = [
    *("2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-03-00", "0000-00-00"),
    *("0001-01-01", "1969-12-31", "2200-01-01", "9999-12-31", "12026-01-01", "-2026-01-01"),
    *("2026-3-2", "20260302", "2026-W10-1", "2026-061", "02.03.2026", "03/02/2026", "today"),
    *(
        "2026-03-02T00:00:00",
        "2026-03-02Z",
        "2026-03-02\n",
        "\u0662\u0660\u0662\u0666-03-02",
        "",
        None,
        20260302,
        [],
    ),
]
NO_EMAILS: list[Any] = [
    *("", "a", "a@", "@example.org", "a@b", "a@localhost", "a@127.0.0.1", "a@[127.0.0.1]"),
    *("a@@example.org", "a b@example.org", "a@exa mple.org", "Ada <a@example.org>", "a@-a.org"),
    *("a@example.org\n", "a@example.org\r\nBcc: b@example.org", "a\x00@example.org", "a@.org"),
    *("a@example.org, b@example.org", "\ud800@example.org", "a@example..org", None, 5, []),
    *("a" * 65 + "@example.org", "a@" + "a" * 250 + ".org", "mailto:a@example.org"),
]
NO_LINES: list[Any] = [
    "a\nb",
    "a\rb",
    "a\tb",
    "a\x00b",
    "a\x1b[0m",
    "a\x7f",
    "a\x85b",
    *(
        "a\u202eb",
        "a\u200bb",
        "a\ufeffb",
        "a\u2028b",
        "a\u2029b",
        "a\U000e0041",
        "a\ufffe",
        "a\ufdd0",
    ),
    "\ud800",
    "a" * 201,
    5,
]
NO_LANGUAGES: list[Any] = [
    "d",
    "deutsch",
    "de_DE",
    "de-",
    "-de",
    "de--AT",
    "d3",
    "*",
    "\ud800",
    "a" * 36,
    5,
]
NO_COUNTRIES: list[Any] = [
    "de",
    "DEU",
    "UK",
    "EU",
    "ZZ",
    "XX",
    "AA",
    "IC",
    "D",
    "276",
    "Germany",
    "\ud800",
    5,
]
NO_CURRENCIES: list[Any] = [
    "eur",
    "EURO",
    "€",
    "XXX",
    "XAU",
    "DEM",
    "BTC",
    "",
    " EUR",
    "\ud800",
    None,
    978,
]
NO_NUMBERS: list[Any] = [0, -1, 10_001, 1.0, 1.5, "1", True, None, [], 10**30]
# For the fields beside the first of their kind.
FEW_LINES: list[Any] = ["a\nb", "a\x00b", "\ud800"]
FEW_DATES: list[Any] = ["2026-02-30", "0001-01-01", "2200-01-01", "20260302", 20260302]
