package main

import (
	"strings"
	"testing"

	"candide/handlers/menu"
)

// Every command that the menu offers leads to a conversation.
func TestMenuLeadsSomewhere(t *testing.T) {
	a := playApp(t, "", nil)
	whole, err := menu.All(a.words)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, item := range a.menu {
		known[strings.Join(item.Words, " ")] = true
	}
	for _, item := range whole {
		if name := strings.Join(item.Words, " "); !known[name] {
			t.Errorf("the menu offers %q, which nothing answers", name)
		}
	}
}
