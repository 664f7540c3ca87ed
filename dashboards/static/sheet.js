/* What is shown, as a file: CSV, or a workbook (a stored zip with one sheet) made here in the page. */
(function () {
  "use strict";

  function save(name, parts, type) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: type }));
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  // A spreadsheet takes a text that begins with one of these for a formula: an apostrophe before it keeps it a text.
  function cell(value) {
    if (value === null || value === undefined) { return ""; }
    if (typeof value === "number") { return String(value); }
    var text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[";\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function csv(name, head, rows) {
    var lines = [head].concat(rows).map(function (row) { return row.map(cell).join(";"); });
    save(name, ["\ufeff" + lines.join("\r\n") + "\r\n"], "text/csv;charset=utf-8");
  }

  var TABLE = new Uint32Array(256).map(function (_, n) {
    for (var k = 0; k < 8; k += 1) { n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; }
    return n;
  });

  function crc(bytes) {
    var sum = 0xffffffff;
    for (var i = 0; i < bytes.length; i += 1) { sum = TABLE[(sum ^ bytes[i]) & 255] ^ (sum >>> 8); }
    return (sum ^ 0xffffffff) >>> 0;
  }

  function zip(files) {
    var parts = [], central = [], offset = 0, encoder = new TextEncoder();
    files.forEach(function (file) {
      var name = encoder.encode(file[0]), bytes = encoder.encode(file[1]), sum = crc(bytes);
      function record(start, more) {
        var view = new DataView(new ArrayBuffer(start === 0x04034b50 ? 30 : 46)), at = 0;
        function put(size, value) { view["setUint" + size](at, value, true); at += size / 8; }
        put(32, start);
        if (more) { put(16, 20); }
        put(16, 20); put(16, 0x0800); put(16, 0); put(16, 0); put(16, 0x21);
        put(32, sum); put(32, bytes.length); put(32, bytes.length); put(16, name.length); put(16, 0);
        if (more) { put(16, 0); put(16, 0); put(16, 0); put(32, 0); put(32, offset); }
        return new Uint8Array(view.buffer);
      }
      central.push(record(0x02014b50, true), name);
      parts.push(record(0x04034b50, false), name, bytes);
      offset += 30 + name.length + bytes.length;
    });
    var size = central.reduce(function (n, part) { return n + part.length; }, 0), end = new DataView(new ArrayBuffer(22));
    end.setUint32(0, 0x06054b50, true);
    end.setUint16(8, files.length, true);
    end.setUint16(10, files.length, true);
    end.setUint32(12, size, true);
    end.setUint32(16, offset, true);
    return parts.concat(central, [new Uint8Array(end.buffer)]);
  }

  function xml(text) {
    // Characters that XML does not know are left out; a cell holds at most 32 767.
    return String(text).slice(0, 32000).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
      .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  function xlsx(name, head, rows) {
    var HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
    var MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    var RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    var PACKAGE = "http://schemas.openxmlformats.org/package/2006/";
    var sheet = [HEAD, '<worksheet xmlns="', MAIN, '"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"',
      ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>'];
    head.forEach(function (_, i) { sheet.push('<col min="' + (i + 1) + '" max="' + (i + 1) + '" width="22" customWidth="1"/>'); });
    sheet.push("</cols><sheetData>");
    [head].concat(rows).forEach(function (row, r) {
      sheet.push("<row>");
      row.forEach(function (value) {
        if (value === null || value === undefined || value === "") { sheet.push("<c/>"); }
        else if (typeof value === "number") { sheet.push("<c><v>" + value + "</v></c>"); }
        else { sheet.push('<c t="inlineStr"' + (r ? "" : ' s="1"') + '><is><t xml:space="preserve">' + xml(value) + "</t></is></c>"); }
      });
      sheet.push("</row>");
    });
    sheet.push("</sheetData></worksheet>");
    var kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    save(name, zip([
      ["[Content_Types].xml", HEAD + '<Types xmlns="' + PACKAGE + 'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        '<Override PartName="/xl/workbook.xml" ContentType="' + kind + 'sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="' + kind +
        'styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="' + kind + 'worksheet+xml"/></Types>'],
      ["_rels/.rels", HEAD + '<Relationships xmlns="' + PACKAGE + 'relationships"><Relationship Id="r1" Type="' + RELATIONS + '/officeDocument" Target="xl/workbook.xml"/></Relationships>'],
      ["xl/workbook.xml", HEAD + '<workbook xmlns="' + MAIN + '" xmlns:r="' + RELATIONS + '"><sheets><sheet name="Likare" sheetId="1" r:id="r1"/></sheets></workbook>'],
      ["xl/_rels/workbook.xml.rels", HEAD + '<Relationships xmlns="' + PACKAGE + 'relationships"><Relationship Id="r1" Type="' + RELATIONS +
        '/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="' + RELATIONS + '/styles" Target="styles.xml"/></Relationships>'],
      ["xl/styles.xml", HEAD + '<styleSheet xmlns="' + MAIN + '"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>' +
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'],
      ["xl/worksheets/sheet1.xml", sheet.join("")]
    ]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  }

  window.likareSheet = { csv: csv, xlsx: xlsx };
})();
