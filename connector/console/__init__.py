"""Pages for merchants and operators: server-rendered, whole without script, in five languages."""
