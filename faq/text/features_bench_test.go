package text

import "testing"

func BenchmarkRead(b *testing.B) {
	const question = "Bonjour, je me demandais si ça valait le coup de postuler vu que j’habite à Brest et pas à Paris ?"
	b.Run("known words", func(b *testing.B) {
		r := NewReader()
		b.ReportAllocs()
		for b.Loop() {
			r.Read(question)
		}
	})
	b.Run("new words", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			NewReader().Read(question)
		}
	})
}
