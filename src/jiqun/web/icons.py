"""The product's pictures, drawn in a 16×16 box. Each light has an outline of its own, so that colour is not needed."""

from __future__ import annotations

ICONS = {
    "brand": '<g fill="none" stroke="#ffce6b" stroke-width="1.3"><path d="M8 4 3.6 11.6h8.8z"/></g>'
    '<g fill="#fff"><circle cx="8" cy="3.6" r="2.3"/><circle cx="3.4" cy="11.8" r="2.3"/>'
    '<circle cx="12.6" cy="11.8" r="2.3"/></g>',
    # 已达成: a disc with a tick
    "met": '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
    '<path d="M4.6 8.3 7 10.7l4.5-5" fill="none" stroke="#fff" stroke-width="1.7"/>',
    # 进度内: a disc with an arrow forward
    "on_track": '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
    '<path d="M4.2 8h7M8.2 5l3 3-3 3" fill="none" stroke="#fff" stroke-width="1.6"/>',
    # 落后: a triangle with a stroke
    "behind": '<path d="M8 1.2 15.2 14H.8z" fill="currentColor"/>'
    '<path d="M8 5.8v4" stroke="#fff" stroke-width="1.8"/><circle cx="8" cy="11.9" r="1" fill="#fff"/>',
    # 严重落后: an octagon with two strokes
    "far_behind": '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/>'
    '<path d="M6 4.2v4.6M10 4.2v4.6" stroke="#fff" stroke-width="1.7"/>'
    '<circle cx="6" cy="11.3" r="1" fill="#fff"/><circle cx="10" cy="11.3" r="1" fill="#fff"/>',
    # 到期未达: a square with a cross
    "overdue": '<path d="M1.5 1.5h13v13h-13z" fill="currentColor"/>'
    '<path d="m4.8 4.8 6.4 6.4M11.2 4.8l-6.4 6.4" stroke="#fff" stroke-width="1.7"/>',
    # 达后回落: a disc with an arrow down
    "fell_back": '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
    '<path d="M8 4.2v7M5 8.4l3 3 3-3" fill="none" stroke="#fff" stroke-width="1.6"/>',
    # 尚早: a clock face
    "early": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    '<path d="M8 4.4V8l2.6 1.6" fill="none" stroke="currentColor" stroke-width="1.5"/>',
    # 无数据: a dashed ring
    "no_data": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.5"'
    ' stroke-dasharray="2.4 2"/>',
    # 口径不可比: a ring with the sign for unequal
    "not_comparable": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    '<path d="M5 6.6h6M5 9.4h6M9.6 4.6 6.4 11.4" stroke="currentColor" stroke-width="1.2"/>',
}
