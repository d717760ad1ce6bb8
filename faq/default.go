package faq

import _ "embed"

//go:embed deploiement-2020.yaml
var defaultFile []byte

// DefaultName is how problems and people call the default FAQ.
const DefaultName = "deploiement-2020.yaml"

// DefaultFile returns the default FAQ's file: a real campaign, closed since November 2020.
func DefaultFile() []byte { return defaultFile }
