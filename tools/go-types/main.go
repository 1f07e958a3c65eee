// Lists, as JSON on standard output, what only Go's types say of the fields of Kubernetes' API: the type's name as errors
// show it, the embedded structs a field lies in, and the protobuf numbers on the way to it. The output is the input of
// tools/generate-go-types.ts.
//
// Run inside a checkout of Kubernetes, as a file of its own main package (cmd/go-types/main.go): go run ./cmd/go-types
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type field struct {
	Go  string `json:"go"`
	Via string `json:"via,omitempty"`
	// The numbers of the messages it lies in, then its own.
	Numbers []int `json:"numbers,omitempty"`
}

type facts struct {
	// From a struct's package path and name to its JSON fields.
	Structs map[string]map[string]field `json:"structs"`
	// From the short name of a named list or map to what it is made of.
	Named map[string]string `json:"named"`
}

var found = facts{map[string]map[string]field{}, map[string]string{}}
var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func main() {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme} {
		if err := add(s); err != nil {
			panic(err)
		}
	}
	for _, t := range s.AllKnownTypes() {
		visit(t)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		panic(err)
	}
}

func visit(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer:
		visit(t.Elem())
	case reflect.Slice, reflect.Map:
		if t.Name() != "" {
			found.Named[t.String()] = describe(t)
		}
		visit(t.Elem())
	case reflect.Struct:
		name := t.PkgPath() + "." + t.Name()
		if _, seen := found.Structs[name]; seen || reflect.PointerTo(t).Implements(unmarshaler) {
			return
		}
		fields := map[string]field{}
		found.Structs[name] = fields
		collect(t, nil, nil, fields)
	}
}

func describe(t reflect.Type) string {
	if t.Kind() == reflect.Map {
		return "map[" + t.Key().String() + "]" + t.Elem().String()
	}
	return "[]" + t.Elem().String()
}

// number reads a tag such as protobuf:"bytes,2,opt,name=volumeSource"; 0 where there is none.
func number(f reflect.StructField) int {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return 0
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0
	}
	return n
}

func collect(t reflect.Type, via []string, numbers []int, fields map[string]field) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		path := numbers
		if n := number(f); n != 0 {
			path = append(append([]int{}, numbers...), n)
		}
		switch {
		case f.Anonymous && name == "" && of.Kind() == reflect.Struct:
			collect(of, append(append([]string{}, via...), f.Name), path, fields)
		case name != "-" && f.IsExported():
			fields[name] = field{of.String(), strings.Join(via, "."), path}
			visit(f.Type)
		}
	}
}
