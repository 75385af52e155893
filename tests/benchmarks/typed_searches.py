"""What people type into the search field, for what is measured keystroke by keystroke."""

TYPED = (
    "fox snow",
    "portrait woman -hat",
    '"golden light" river',
    "lantern or candle",
    "castle rating:>=4",
    "model:flux dragon",
    "tag:forest mist",
    "is:favourite steps:50",
    "date:2026-11 sea",
    "size:768x512 moody",
    "kalolo zzz",
)
