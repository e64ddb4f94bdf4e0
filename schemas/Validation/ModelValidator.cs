namespace Pipeline.Schemas.Validation;

/// <summary>Checks what is in the topic of models; the models themselves are checked by who serves them.</summary>
public static class ModelValidator
{
    /// <summary>Key of the record that says which model is served, and what the keys of models begin with.</summary>
    public const string ServingKey = "serving", ModelKeyStart = "model:";

    /// <summary>Model and card together: what fits into a record by Kafka's default limit.</summary>
    public const int BytesMax = 900_000;

    /// <summary>Models that one can go back to.</summary>
    public const int ChoicesMax = 8;

    public static string? Check(ModelRecord v, RecordContext context) => v.ValueCase switch
    {
        ModelRecord.ValueOneofCase.Model => Check(v.Model, context.Key),
        ModelRecord.ValueOneofCase.Serving => Check(v.Serving, context.Key),
        _ => "neither model nor serving is set",
    };

    private static string? Check(StoredModel v, string key) =>
        Bounds.Name("model.id", v.Id)
        ?? (key != ModelKeyStart + v.Id ? $"the record's key is '{key}'; '{ModelKeyStart}{v.Id}' is wanted" : null)
        ?? (v.Model.IsEmpty || v.Card.IsEmpty ? "model or card is empty" : null)
        ?? (v.Model.Length + v.Card.Length > BytesMax ? $"model and card have {v.Model.Length + v.Card.Length} bytes; at most {BytesMax} are allowed" : null);

    private static string? Check(ServingChoice v, string key) =>
        key != ServingKey ? $"the record's key is '{key}'; '{ServingKey}' is wanted"
        : v.Ids.Count is 0 or > ChoicesMax ? $"serving.ids has {v.Ids.Count} ids; 1 to {ChoicesMax} are allowed"
        : v.ChosenUnixMs < 0 ? $"serving.chosen_unix_ms is {v.ChosenUnixMs}; 0 or later is allowed"
        : v.Ids.Select(id => Bounds.Name("serving.ids", id)).FirstOrDefault(wrong => wrong is not null);
}
