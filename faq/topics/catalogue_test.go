package topics

import (
	"regexp"
	"slices"
	"testing"
)

func catalogueTopics(t *testing.T) []Topic {
	t.Helper()
	list, err := parseCatalogue(catalogueFile)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCatalogue(t *testing.T) {
	list := catalogueTopics(t)
	if len(list) < 60 {
		t.Errorf("%d topics, want 60 or more", len(list))
	}
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	kinds := map[Kind]int{}
	for _, topic := range list {
		if !id.MatchString(topic.ID) || seen[topic.ID] {
			t.Errorf("the id %q is not one, or is there twice", topic.ID)
		}
		seen[topic.ID] = true
		if !slices.Contains([]Kind{Recruitment, Talk, Refused, Chatter}, topic.Kind) {
			t.Errorf("%s: unknown kind %q", topic.ID, topic.Kind)
		}
		kinds[topic.Kind]++
		if topic.FR == "" || topic.EN == "" || topic.About == "" {
			t.Errorf("%s lacks a name in French or English, or what it is about", topic.ID)
		}
		for _, near := range topic.Near {
			if other, ok := ByID(near); !ok || other.Kind != Recruitment || near == topic.ID {
				t.Errorf("%s: near %q is no other recruitment topic", topic.ID, near)
			}
		}
		if topic.Private && topic.Kind != Recruitment {
			t.Errorf("%s: private and %s", topic.ID, topic.Kind)
		}
		if got, ok := ByID(topic.ID); !ok || !Known(topic.ID) || got.FR != topic.FR {
			t.Errorf("%s is not found by its id", topic.ID)
		}
	}
	for _, kind := range []Kind{Recruitment, Talk, Refused, Chatter} {
		if kinds[kind] == 0 {
			t.Errorf("no topic of kind %s", kind)
		}
	}
	if Known("") || Known("none") {
		t.Error("knows topics that do not exist")
	}
}

func TestParseCatalogueRefuses(t *testing.T) {
	for _, src := range []string{"topics: [{id: a, colour: red}]", "topics: {", "themes: []"} {
		if list, err := parseCatalogue([]byte(src)); err == nil {
			t.Errorf("%q is read as %v", src, list)
		}
	}
}
