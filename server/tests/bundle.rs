//! What the build does to the browser's code after the compiler and wasm-bindgen.
#[path = "../build/arrange.rs"]
mod arrange;
#[path = "../build/script.rs"]
mod script;

use std::collections::HashMap;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, Module, RefType, TableSection, TableType,
    TypeSection,
};
use wasmparser::{ElementItems, Operator, Parser, Payload};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const IMPORTED: &str = "__wbg_then_3a4f899454bcf8c9";

/// Imports one function, then defines: 1 calls the import, 2 = 1, 3 calls 1, 4 calls 2, 5 returns.
/// So 2 is 1, and only then 4 is 3. All but 5 are in the table, 5 and 4 are exported.
fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    imports.import("./drydock_bg.js", IMPORTED, EntityType::Function(0));
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for callee in [Some(0), Some(0), Some(1), Some(2), None] {
        functions.function(0);
        let mut function = Function::new([]);
        let mut body = function.instructions();
        if let Some(callee) = callee {
            body.call(callee);
        }
        body.end();
        code.function(&function);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 8,
        maximum: None,
        shared: false,
    });
    let mut exports = ExportSection::new();
    exports.export("hydrate", ExportKind::Func, 5);
    exports.export("outer", ExportKind::Func, 4);
    let mut elements = ElementSection::new();
    let nulls = [ConstExpr::ref_null(RefType::FUNCREF.heap_type)];
    let nulls = Elements::Expressions(RefType::FUNCREF, (&nulls[..]).into());
    let filled = Elements::Functions((&[0, 1, 2, 3, 4][..]).into());
    elements.active(None, &ConstExpr::i32_const(1), filled);
    elements.active(None, &ConstExpr::i32_const(6), nulls);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&tables).section(&exports).section(&elements);
    module.section(&code);
    module.finish()
}

/// What a module says, with every function written as what it calls in the end.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    imports: Vec<String>,
    exports: Vec<(String, String)>,
    table: Vec<String>,
    n_functions: usize,
    n_segments: u32,
}

fn read(wasm: &[u8]) -> Result<Read> {
    let (mut imports, mut exports, mut table) = (Vec::new(), Vec::new(), Vec::new());
    let (mut callees, mut n_segments) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports.push(import?.name.to_owned());
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    exports.push((export.name.to_owned(), export.index));
                }
            }
            Payload::ElementSection(section) => {
                n_segments = section.count();
                for element in section {
                    if let ElementItems::Functions(functions) = element?.items {
                        table.extend(
                            functions
                                .into_iter()
                                .collect::<wasmparser::Result<Vec<_>>>()?,
                        );
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut operators = body.get_operators_reader()?;
                callees.push(match operators.read()? {
                    Operator::Call { function_index } => Some(function_index),
                    _ => None,
                });
            }
            _ => {}
        }
    }
    let meaning = |function: u32| meaning(function, imports.len(), &callees);
    Ok(Read {
        exports: exports
            .into_iter()
            .map(|(name, index)| (name, meaning(index)))
            .collect(),
        table: table.into_iter().map(meaning).collect(),
        n_functions: callees.len(),
        n_segments,
        imports,
    })
}

fn meaning(function: u32, n_imports: usize, callees: &[Option<u32>]) -> String {
    match (function as usize).checked_sub(n_imports) {
        None => "import".to_owned(),
        Some(at) => match callees[at] {
            Some(callee) => format!("calls {}", meaning(callee, n_imports, callees)),
            None => "returns".to_owned(),
        },
    }
}

#[test]
fn functions_that_are_the_same_are_one_and_everything_still_means_the_same() -> Result<()> {
    let wasm = module();
    let names = arrange::short_names(&wasm)?;
    assert_eq!(
        names,
        HashMap::from([(IMPORTED.to_owned(), "$0".to_owned())])
    );
    let before = read(&wasm)?;
    assert_eq!((before.n_functions, before.n_segments), (5, 2));
    let after = read(&arrange::arrange(&wasm, &names)?)?;
    let expected = Read {
        imports: vec!["$0".to_owned()],
        n_functions: 3,
        n_segments: 1,
        ..before
    };
    assert_eq!(after, expected);
    Ok(())
}

#[test]
fn a_script_keeps_its_meaning_and_loses_names_indentation_and_comments() {
    let names = HashMap::from([(IMPORTED.to_owned(), "$0".to_owned())]);
    let script = "/**\n * Words.\n */\nconst imports = {\n    __wbg_then_3a4f899454bcf8c9: (a) => \
                  `${a} * ${b}`, // why\n    __wbg_then_3a4f899454bcf8c9_1: 2 * 3,\n\n};\n";
    let short = "const imports = {\n$0: (a) => `${a} * ${b}`, // why\n\
                 __wbg_then_3a4f899454bcf8c9_1: 2 * 3,\n};\n";
    assert_eq!(script::shorten(script, &names), short);
}
