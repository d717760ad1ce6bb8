package main

type runCmd struct{}

func (runCmd) Run(p program) error { return nil }
