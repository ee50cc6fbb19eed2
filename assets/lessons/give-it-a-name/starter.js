// Write your two lines below this one.

