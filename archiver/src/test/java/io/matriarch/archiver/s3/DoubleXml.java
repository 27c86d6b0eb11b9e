package io.matriarch.archiver.s3;

import io.matriarch.archiver.s3.DoubleReply.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The few documents that the double reads and writes. */
final class DoubleXml {

    private DoubleXml() {}

    static List<DoubleUploads.Named> parts(byte[] body) {
        List<DoubleUploads.Named> parts = new ArrayList<>();
        for (Element part : elements(body, "Part")) {
            Map<String, String> checksums = new TreeMap<>();
            NodeList children = part.getChildNodes();
            for (int i = 0; i < children.getLength(); i++) {
                Node child = children.item(i);
                if (child.getNodeName().startsWith("Checksum")) {
                    String algorithm = child.getNodeName().substring("Checksum".length());
                    checksums.put(
                            Digests.PREFIX + algorithm.toLowerCase(Locale.ROOT),
                            child.getTextContent());
                }
            }
            parts.add(
                    new DoubleUploads.Named(
                            Integer.parseInt(text(part, "PartNumber")),
                            text(part, "ETag").replace("\"", ""),
                            checksums));
        }
        return parts;
    }

    static List<String> keys(byte[] body) {
        return elements(body, "Object").stream().map(object -> text(object, "Key")).toList();
    }

    static String listed(String key, DoubleObject object) {
        return "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag><Size>%d</Size><StorageClass>%s</StorageClass></Contents>"
                .formatted(
                        key,
                        object.modified(),
                        object.etag(),
                        object.content().length,
                        object.storageClass());
    }

    private static String text(Element element, String name) {
        return element.getElementsByTagName(name).item(0).getTextContent();
    }

    private static List<Element> elements(byte[] body, String name) {
        try {
            NodeList nodes =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new ByteArrayInputStream(body))
                            .getElementsByTagName(name);
            List<Element> elements = new ArrayList<>();
            for (int i = 0; i < nodes.getLength(); i++) {
                elements.add((Element) nodes.item(i));
            }
            return elements;
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new Refusal(400, "MalformedXML", e.toString());
        }
    }
}
