using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>What is to be written of a call: the answer, the record that it waits or waits no more, or both.</summary>
public readonly record struct Answer(Dispatch? Dispatch, Deferral? Deferral);
