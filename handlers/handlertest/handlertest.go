// Package handlertest is what the tests of several conversations begin with: a small FAQ and the words. The world around
// them is bottest's.
package handlertest

import (
	"testing"

	"candide/faq"
	"candide/handlers/words"
)

// Index is a campaign's FAQ, which understands no question: how one is understood is tested in faq.
type Index struct{ Of *faq.FAQ }

// FAQ implements campaigns.Index.
func (x Index) FAQ() *faq.FAQ { return x.Of }

// Decide implements campaigns.Index.
func (Index) Decide(faq.Question) faq.Decision { return faq.Decision{} }

// Parse reads a FAQ, which must have no fault.
func Parse(t testing.TB, source string) *faq.FAQ {
	t.Helper()
	f, err := faq.Parse("test.yaml", []byte(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Words are the fixed sentences, in French unless said otherwise, with one form of address: "tu" or "vous".
func Words(t testing.TB, address string) *words.Words {
	t.Helper()
	w, err := words.New(address, "fr")
	if err != nil {
		t.Fatal(err)
	}
	return w
}
