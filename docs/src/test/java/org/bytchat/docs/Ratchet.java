package org.bytchat.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A limit with a list of what was over it when the limit came: what is listed may only shrink, what
 * is new obeys.
 *
 * @param what the unit, for messages
 * @param limit the largest allowed
 * @param listed the exceptions, with the size each has today
 */
record Ratchet(String what, int limit, Map<String, Integer> listed) {

  /**
   * Compares sizes with the limit and the list.
   *
   * @param sizes each thing's size, by the name that the list uses
   * @return findings, sorted by name
   */
  List<String> check(Map<String, Integer> sizes) {
    List<String> findings = new ArrayList<>();
    NavigableMap<String, Integer> names = new TreeMap<>(listed);
    sizes.forEach(names::putIfAbsent);
    names.keySet().forEach(name -> check(name, sizes.getOrDefault(name, 0), findings));
    return findings;
  }

  private void check(String name, int size, List<String> findings) {
    int allowed = listed.getOrDefault(name, limit);
    if (size > allowed) {
      findings.add("%s: %d %s, at most %d".formatted(name, size, what, allowed));
    } else if (listed.containsKey(name) && size <= limit) {
      findings.add("%s: within the limit now, take it off the list".formatted(name));
    } else if (size < allowed && listed.containsKey(name)) {
      findings.add("%s: %d %s now, lower its entry".formatted(name, size, what));
    }
  }
}
