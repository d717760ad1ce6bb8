package faq

import "testing"

func TestAsks(t *testing.T) {
	x := index(t)
	for said, want := range map[string]bool{
		"C'est payé combien":                         true,
		"est-ce que c'est à Paris":                   true,
		"eske on peu teletravailler":                 true,
		"how long is the contract":                   true,
		"Le salaire ?":                               true,
		"la communauté est vraiment top":             false,
		"La deadline c'est ce soir, bon courage":     false,
		"bravo pour ton CDI Léa !":                   false,
		"désolé, du retard sur la ligne":             false,
		"moi j'ai débarqué en janvier":               false,
		"je voudrais des renseignements sur la paie": true,
	} {
		if got := x.message(x.scratch(), said).asks(); got != want {
			t.Errorf("asks(%q) = %v, want %v", said, got, want)
		}
	}
}
