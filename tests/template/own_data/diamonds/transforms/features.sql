select number, carat, cut, color, clarity, depth, diamonds.table as table_width, x, y, z
from diamonds
