package main

type interestsCmd struct{}

func (interestsCmd) Run(p program) error { return nil }
