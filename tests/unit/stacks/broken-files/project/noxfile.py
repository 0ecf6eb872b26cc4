def tests(:
