package discordtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Referee checks bodies against Discord's own description of its interface (OpenAPI 3.1). A nil Referee checks nothing.
type Referee struct {
	paths    map[string]any
	compiler *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema
}

const descriptionURL = "discord.json"

// NewReferee reads the description at path. Objects whose fields it names may have no others: a field that Discord does
// not know is a mistake of ours.
func NewReferee(path string) (*Referee, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading Discord's description: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("reading Discord's description: %w", err)
	}
	whole, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no description", path)
	}
	parts := map[string]bool{}
	collectParts(whole, false, parts)
	components, _ := whole["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	closeObjects(whole["paths"], false)
	closeObjects(components["responses"], false)
	for name, schema := range schemas {
		closeObjects(schema, parts["#/components/schemas/"+name])
	}
	r := &Referee{compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	r.paths, _ = whole["paths"].(map[string]any)
	if err := r.compiler.AddResource(descriptionURL, whole); err != nil {
		return nil, fmt.Errorf("reading Discord's description: %w", err)
	}
	return r, nil
}

// collectParts finds what is referred to as a part of a larger object.
func collectParts(node any, part bool, found map[string]bool) {
	switch node := node.(type) {
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok && part {
			found[ref] = true
		}
		for key, child := range node {
			if key == "multipart/form-data" {
				continue // its JSON is checked as if it had come alone
			}
			collectParts(child, key == "allOf", found)
		}
	case []any:
		for _, child := range node {
			collectParts(child, part, found)
		}
	}
}

// closeObjects forbids unknown fields in every object that names its own, parts of a larger one left aside.
func closeObjects(node any, part bool) {
	switch node := node.(type) {
	case map[string]any:
		_, named := node["properties"].(map[string]any)
		_, open := node["additionalProperties"]
		_, composed := node["allOf"]
		if named && !open && !composed && !part {
			node["additionalProperties"] = false
		}
		for key, child := range node {
			closeObjects(child, key == "allOf")
		}
	case []any:
		for _, child := range node {
			closeObjects(child, part)
		}
	}
}

// Request checks a request's body. An operation that takes none may have an empty one only.
func (r *Referee) Request(method, route string, body []byte) error {
	if r == nil {
		return nil
	}
	operation, err := r.operation(method, route)
	if err != nil {
		return err
	}
	if _, takes := operation["requestBody"]; !takes {
		if len(body) > 0 {
			return fmt.Errorf("%s %s takes no body", method, route)
		}
		return nil
	}
	return r.check(pointer("paths", route, strings.ToLower(method), "requestBody", "content", "application/json", "schema"), body)
}

// Answer checks an answer's body.
func (r *Referee) Answer(method, route string, status int, body []byte) error {
	if r == nil {
		return nil
	}
	operation, err := r.operation(method, route)
	if err != nil {
		return err
	}
	responses, _ := operation["responses"].(map[string]any)
	code := fmt.Sprint(status)
	if _, ok := responses[code]; !ok {
		code = fmt.Sprintf("%dXX", status/100)
	}
	response, ok := responses[code].(map[string]any)
	if !ok {
		return fmt.Errorf("%s %s never answers %d", method, route, status)
	}
	base := []string{"paths", route, strings.ToLower(method), "responses", code}
	if ref, ok := response["$ref"].(string); ok {
		base = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	} else if _, has := response["content"]; !has {
		if len(body) > 0 {
			return fmt.Errorf("%s %s answers %d without a body", method, route, status)
		}
		return nil
	}
	return r.check(pointer(append(base, "content", "application/json", "schema")...), body)
}

func (r *Referee) operation(method, route string) (map[string]any, error) {
	path, ok := r.paths[route].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no such route at Discord: %s", route)
	}
	operation, ok := path[strings.ToLower(method)].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no such operation at Discord: %s %s", method, route)
	}
	return operation, nil
}

func pointer(parts ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "@", "%40")
	for i, part := range parts {
		parts[i] = escape.Replace(part)
	}
	return descriptionURL + "#/" + strings.Join(parts, "/")
}

func (r *Referee) check(where string, body []byte) error {
	r.mu.Lock()
	schema, ok := r.schemas[where]
	if !ok {
		var err error
		if schema, err = r.compiler.Compile(where); err != nil {
			r.mu.Unlock()
			return fmt.Errorf("compiling %s: %w", where, err)
		}
		r.schemas[where] = schema
	}
	r.mu.Unlock()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: no JSON: %w", where, err)
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%w\n%s", err, brief(body))
	}
	return nil
}

func brief(body []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return string(body)
	}
	return out.String()[:min(out.Len(), 2000)]
}
