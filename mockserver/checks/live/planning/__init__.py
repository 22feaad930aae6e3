"""Planning: the options of a run, and the plan that follows from them before anything is sent."""
