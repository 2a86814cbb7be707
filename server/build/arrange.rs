//! Lays a module out so that little is left of what repeats in it. The compiler leaves a function in as
//! many copies as there are types that it is the same for, and in an order that keeps alike ones apart;
//! and every function of the browser's goes by a long name with a hash, which no compression shortens.
use crate::Result;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::ops::Range;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ElementSection, Encode, ExportSection, FunctionSection, ImportSection, Module,
};
use wasmparser::{ElementItems, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

/// The hex digits that wasm-bindgen and the compiler make a name unique with.
const HASH_DIGITS: usize = 16;

/// Short names for those that a module and its scripts know each other's functions by: `$0`, `$1`, … for
/// each with a hash in it. wasm-bindgen's scripts have no such names of their own.
pub fn short_names(wasm: &[u8]) -> Result<HashMap<String, String>> {
    let mut long = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    long.insert(import?.name);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        long.insert(export.name);
                    }
                }
            }
            _ => {}
        }
    }
    long.retain(|name| has_hash(name));
    let named = long.into_iter().map(str::to_owned);
    Ok(named
        .zip((0..).map(|number| format!("${number}")))
        .collect())
}

fn has_hash(name: &str) -> bool {
    let mut words = name.split(|character: char| !character.is_ascii_hexdigit());
    words.any(|word| word.len() >= HASH_DIGITS)
}

/// The module with each of its functions once, alike ones side by side, under the names of `names`, and
/// without what only debuggers read.
pub fn arrange(wasm: &[u8], names: &HashMap<String, String>) -> Result<Vec<u8>> {
    let functions = Functions::of(wasm)?;
    let mut layout = Layout::of(wasm, &functions, names)?;
    let mut module = Module::new();
    layout.parse_core_module(&mut module, Parser::new(0), wasm)?;
    Ok(module.finish())
}

/// The functions of a module that it does not import.
struct Functions<'wasm> {
    imported: u32,
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'wasm>>,
}

impl<'wasm> Functions<'wasm> {
    fn of(wasm: &'wasm [u8]) -> Result<Self> {
        let mut functions = Self {
            imported: 0,
            types: Vec::new(),
            bodies: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.types = section.into_iter().collect::<wasmparser::Result<_>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                _ => {}
            }
        }
        Ok(functions)
    }
}

/// How a module is written anew.
struct Layout<'a> {
    /// What every index of a function becomes.
    index: Vec<u32>,
    /// The functions that are kept, as places in `functions`, in the order that they are written in.
    order: Vec<usize>,
    functions: &'a Functions<'a>,
    names: &'a HashMap<String, String>,
}

impl<'a> Layout<'a> {
    fn of(
        wasm: &[u8],
        functions: &'a Functions<'a>,
        names: &'a HashMap<String, String>,
    ) -> Result<Self> {
        let imported = functions.imported;
        let count = u32::try_from(functions.bodies.len())?;
        let mut layout = Self {
            index: (0..imported + count).collect(),
            order: Vec::new(),
            functions,
            names,
        };
        while layout.merge()? {}
        let place = |number: u32| (number - imported) as usize;
        let kept =
            (imported..imported + count).filter(|&number| layout.index[number as usize] == number);
        let mut order: Vec<usize> = kept.map(place).collect();
        order.sort_by_cached_key(|&at| {
            let Range { start, end } = functions.bodies[at].range();
            (functions.types[at], &wasm[start as usize..end as usize])
        });
        let mut written = vec![0; functions.bodies.len()];
        for (number, &at) in (imported..).zip(&order) {
            written[at] = number;
        }
        for index in layout.index.iter_mut().filter(|index| **index >= imported) {
            *index = written[place(*index)];
        }
        layout.order = order;
        Ok(layout)
    }

    /// Lets the first of functions with the same type and code stand for the others; whether it found
    /// any. Those that call them may be the same for it, and are found the next time.
    fn merge(&mut self) -> Result<bool> {
        let imported = self.functions.imported;
        let mut first: HashMap<(u32, Vec<u8>), u32> = HashMap::new();
        let mut same = HashMap::new();
        for (at, number) in (imported..).enumerate().take(self.functions.bodies.len()) {
            if self.index[number as usize] != number {
                continue;
            }
            let mut code = CodeSection::new();
            self.parse_function_body(&mut code, self.functions.bodies[at].clone())?;
            let mut bytes = Vec::new();
            code.encode(&mut bytes);
            let key = (self.functions.types[at], bytes);
            let stands = *first.entry(key).or_insert(number);
            if stands != number {
                same.insert(number, stands);
            }
        }
        for index in &mut self.index {
            *index = same.get(index).copied().unwrap_or(*index);
        }
        Ok(!same.is_empty())
    }

    fn name<'name>(&'name self, long: &'name str) -> &'name str {
        self.names.get(long).map_or(long, String::as_str)
    }
}

type Outcome<T = ()> = std::result::Result<T, reencode::Error<Infallible>>;

impl Reencode for Layout<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Outcome<u32> {
        Ok(self.index[function as usize])
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Outcome {
        for import in section.into_imports() {
            let import = import?;
            let kind = self.entity_type(import.ty)?;
            imports.import(import.module, self.name(import.name), kind);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Outcome {
        let kind = self.export_kind(export.kind)?;
        let index = self.external_index(export.kind, export.index)?;
        exports.export(self.name(export.name), kind, index);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _section: wasmparser::FunctionSectionReader<'_>,
    ) -> Outcome {
        for &at in &self.order {
            functions.function(self.functions.types[at]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _section: wasmparser::CodeSectionReader<'_>,
    ) -> Outcome {
        for at in self.order.clone() {
            self.parse_function_body(code, self.functions.bodies[at].clone())?;
        }
        Ok(())
    }

    /// A table is made of nulls: the splitter says so once more for every function that it moved.
    fn parse_element(
        &mut self,
        elements: &mut ElementSection,
        element: wasmparser::Element<'_>,
    ) -> Outcome {
        if let ElementItems::Expressions(_, expressions) = &element.items {
            let mut null = true;
            for expression in expressions.clone() {
                let first = expression?.get_operators_reader().read()?;
                null &= matches!(first, Operator::RefNull { .. });
            }
            if null {
                return Ok(());
            }
        }
        reencode::utils::parse_element(self, elements, element)
    }

    fn parse_custom_section(
        &mut self,
        _module: &mut Module,
        _section: wasmparser::CustomSectionReader<'_>,
    ) -> Outcome {
        Ok(())
    }
}
