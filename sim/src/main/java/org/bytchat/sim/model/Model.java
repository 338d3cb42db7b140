package org.bytchat.sim.model;

/** A part of the simulated world, as reports show it. */
public interface Model {

  /**
   * Says in one line what is modelled, with its parameters and their units.
   *
   * @return plain text without a full stop
   */
  String describe();

  /**
   * Says where the model and its figures come from.
   *
   * @return author, title and year, or that it is an assumption
   */
  String citation();
}
