package web

import "testing"

func TestEveryLanguageSaysTheSame(t *testing.T) {
	for _, address := range []string{"tu", "vous"} {
		all, err := readWords(address)
		if err != nil {
			t.Fatal(err)
		}
		for lang, says := range all {
			for other, others := range all {
				for key := range others {
					if says[key] == "" {
						t.Errorf("%s has no %q, which %s has", lang, key, other)
					}
				}
			}
		}
	}
}
