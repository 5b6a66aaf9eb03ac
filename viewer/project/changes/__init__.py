"""How the changes of an edit alter the state tables: what each class is about, what is there now, what it writes.

The comparison with what was there is in one place (`applying`), and each class has a row (`kinds`), so that none goes
without it. May import the store, the values of its rows and membership; the journal imports this.
"""
