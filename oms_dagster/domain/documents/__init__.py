"""Paper: numbered documents rendered from committed facts, and the envelope that announces them.

Belongs here: what a document holds, how it looks on A4, its bytes. Does not belong here: drawing the number
(the commit does, gapless), writing files, deciding what is released or dispatched.
"""
