package org.bytchat.dht.store;

import java.util.Comparator;
import java.util.Iterator;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who pays for what: the charges of each source by age, and the sources by size.
 *
 * @param <T> what is paid for
 */
final class SourceLedger<T extends SourceLedger.Charge> {

  /** Something that takes space. */
  interface Charge {

    /** Returns who pays. */
    long source();

    /** Returns its age, different for each: what came later has more. */
    long order();

    /** Returns its size. */
    int bytes();
  }

  /** How large a source is. */
  enum Measure {
    /** By the bytes of all its charges. */
    BYTES,
    /** By how many charges it has. */
    COUNT
  }

  private static final class Account<T> {

    final long source;
    final TreeMap<Long, T> charges = new TreeMap<>();
    long bytes;

    Account(long source) {
      this.source = source;
    }

    int count() {
      return charges.size();
    }

    long source() {
      return source;
    }

    long bytes() {
      return bytes;
    }
  }

  private final TreeMap<Long, Account<T>> accounts = new TreeMap<>();
  private final TreeSet<Account<T>> byBytes =
      new TreeSet<>(
          Comparator.<Account<T>>comparingLong(Account::bytes).thenComparingLong(Account::source));
  private final TreeSet<Account<T>> byCount =
      new TreeSet<>(
          Comparator.<Account<T>>comparingInt(Account::count).thenComparingLong(Account::source));
  private long bytes;
  private int count;

  void add(T charge) {
    Account<T> account = accounts.computeIfAbsent(charge.source(), Account::new);
    unsort(account);
    account.charges.put(charge.order(), charge);
    account.bytes += charge.bytes();
    bytes += charge.bytes();
    count++;
    sort(account);
  }

  void remove(T charge) {
    Account<T> account = accounts.get(charge.source());
    if (account == null || !account.charges.containsKey(charge.order())) {
      throw new IllegalStateException("no such charge: " + charge);
    }
    unsort(account);
    account.charges.remove(charge.order());
    account.bytes -= charge.bytes();
    bytes -= charge.bytes();
    count--;
    if (account.count() == 0) {
      accounts.remove(account.source);
    } else {
      sort(account);
    }
  }

  private void unsort(Account<T> account) {
    byBytes.remove(account);
    byCount.remove(account);
  }

  private void sort(Account<T> account) {
    byBytes.add(account);
    byCount.add(account);
  }

  /** Returns how large a source is, 0 if it has nothing. */
  long sizeOf(long source, Measure measure) {
    Account<T> account = accounts.get(source);
    return account == null ? 0 : size(account, measure);
  }

  /** Returns the oldest charge of a source. */
  @Nullable T oldestOf(long source) {
    Account<T> account = accounts.get(source);
    return account == null ? null : account.charges.firstEntry().getValue();
  }

  /**
   * Returns the oldest charge of the largest source. Among equal ones the named one gives way, else
   * the one with the highest number.
   *
   * @param added how much more than it has the named source counts
   * @return null if it is the named source that gives way, and it has nothing
   */
  @Nullable T oldestOfLargest(Measure measure, long named, long added) {
    TreeSet<Account<T>> sorted = measure == Measure.BYTES ? byBytes : byCount;
    Iterator<Account<T>> largest = sorted.descendingIterator();
    while (largest.hasNext()) {
      Account<T> account = largest.next();
      if (account.source != named) {
        return size(account, measure) > sizeOf(named, measure) + added
            ? account.charges.firstEntry().getValue()
            : oldestOf(named);
      }
    }
    return oldestOf(named);
  }

  private long size(Account<T> account, Measure measure) {
    return measure == Measure.BYTES ? account.bytes : account.count();
  }

  /** Returns the size of all charges. */
  long total(Measure measure) {
    return measure == Measure.BYTES ? bytes : count;
  }

  int sources() {
    return accounts.size();
  }
}
