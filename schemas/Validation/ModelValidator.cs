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

    /// <summary>Models that may score beside the served one: each costs as much as it.</summary>
    public const int ShadowsMax = 3;

    /// <summary>Horizons times ages, and bins of reliability.</summary>
    private const int SkillCellsMax = 200, SkillBins = 10;

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
        : v.ShadowIds.Count > ShadowsMax ? $"serving.shadow_ids has {v.ShadowIds.Count} ids; at most {ShadowsMax} are allowed"
        : v.ShadowIds.Contains(v.Ids[0]) ? $"'{v.Ids[0]}' is served and cannot be its own shadow"
        : v.Ids.Concat(v.ShadowIds).Select(id => Bounds.Name("serving.ids", id)).FirstOrDefault(wrong => wrong is not null);

    public static string? Check(ModelSkill v, RecordContext context) =>
        Bounds.Name("cell", v.Cell)
        ?? Bounds.Name("model", v.Model)
        ?? (v.Cell != context.Key ? $"cell '{v.Cell}' is not the record's key" : null)
        ?? (v.StepMs == 0 ? "step_ms is 0" : null)
        ?? (v.Cells.Count > SkillCellsMax ? $"{v.Cells.Count} cells of skill; at most {SkillCellsMax} are allowed" : null)
        ?? v.Cells.Select(c => Check(c, v.Level.Count)).FirstOrDefault(wrong => wrong is not null);

    private static string? Check(SkillCell v, int levels) =>
        v.Covered.Count != levels ? $"covered holds {v.Covered.Count}; {levels} are wanted, one for each level"
        : v.BinCases.Count != SkillBins || v.BinProbability.Count != SkillBins || v.BinBusy.Count != SkillBins ? $"the bins of reliability hold {v.BinCases.Count}, {v.BinProbability.Count} and {v.BinBusy.Count}; {SkillBins} each are wanted"
        : null;
}
