package org.bytchat.dht.engine;

import java.util.function.LongConsumer;
import org.bytchat.dht.time.TimerTable;

/**
 * What a node does with records, and in Mainline's dialect with peers and items, beyond keeping
 * those that it holds. Made when there are any, as many nodes of a laboratory never have one.
 */
final class RecordWork {

  final Operations operations;
  final Publisher publisher;
  final Repairer repairer;
  final RecordCommands commands;
  final MainlineCommands mainline;

  RecordWork(Operations operations, TimerTable timers, LongConsumer afterCommand) {
    this.operations = operations;
    this.publisher = new Publisher(operations);
    this.repairer = new Repairer(operations, timers);
    this.commands = new RecordCommands(operations, publisher, afterCommand);
    this.mainline = new MainlineCommands(operations, afterCommand);
  }
}
