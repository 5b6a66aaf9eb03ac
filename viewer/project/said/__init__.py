"""What one model has said of every case, in short: its scores, what people say otherwise, how uncertain it is; and what
can be asked of that. The list of cases shows, filters and sorts by it. It may import the store and the lists.
"""
